"""Anomalies of spend and of usage: found by robust statistics, each with what drove it."""
