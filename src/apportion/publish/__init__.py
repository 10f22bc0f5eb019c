"""What leaves the house: documents and tables of statements, proofs and findings."""
