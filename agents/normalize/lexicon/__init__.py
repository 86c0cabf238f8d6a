"""The word lists of the normalizer, as files: words that people hide, ordinary Arabic, marks of languages."""
