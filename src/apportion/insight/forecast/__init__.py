"""Forecasts of cost: statistics in floats, which become rounded amounts where they are shown."""
