"""The past as series: what owners carried by month and by day."""
