"""Reports over loaded charges and saved runs. They read, and never move money."""
