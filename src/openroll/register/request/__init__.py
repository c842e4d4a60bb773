"""A request: an authority asks an operator for named fields of one record, another body decides, and the person is told."""
