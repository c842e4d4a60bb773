"""The log: sequencing, signing, cosigning, its keys and their history, receipts, and the check of it all."""
