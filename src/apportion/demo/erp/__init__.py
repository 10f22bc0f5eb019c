"""Stand-ins for ERPs: servers on this machine that behave as the vendors document it.

They let a newcomer, a tutorial and a test post a journal over a real socket, and they can be
told to misbehave as real ones do. They are no ERP: what they keep is gone with them, unless
they are given a file.
"""
