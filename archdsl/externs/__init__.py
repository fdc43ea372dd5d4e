"""Classes of others: where they come from, who allows it, and whether they are as declared."""
