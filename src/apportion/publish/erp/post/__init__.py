"""Send journals to ERPs with an interface: one module a target, one way of sending for all.

:mod:`~apportion.publish.erp.post.post_period` is what a command calls. It keeps an outbox in
the books, and :mod:`~apportion.publish.erp.post.deliver` takes one posting from there to where
it is read back from the ERP.
"""
