"""Who hears of it: readers of `marqab.alerts`, like any outsider would be."""
