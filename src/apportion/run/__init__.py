"""One evaluation of a model: passes in order, the proof, statements, and explanations."""
