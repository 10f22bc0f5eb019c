"""What the sample company buys elsewhere: other clouds, licences, machines of its own, people.

Each file writes the bills of one seller in the form in which that seller
delivers them. They begin in 2026; the company's main cloud is older.
"""
