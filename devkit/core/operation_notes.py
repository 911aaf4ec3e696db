"""What devkit says about operations in its own words: one line each, and the gotchas. Data: assets/operations.yaml."""
