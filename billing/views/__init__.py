"""Pages of billing: price list, documents, finance desk."""
