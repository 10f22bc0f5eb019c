"""Google Cloud's billing export, standard and detailed."""
