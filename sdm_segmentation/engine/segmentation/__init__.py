"""Methods of segmentation: customers and their values in, classes with their explanation out.

Each method is one file with the same three parts: ``Options`` (the settings that are stored with a run), the values of
one customer, and ``classify()``, whose result carries for each customer what the sentence "why A?" needs. Keys of
customers can be anything that sorts; equal values are ordered by key, so a result never depends on the order given.
"""
