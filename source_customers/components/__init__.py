"""What YAML cannot say: the components that every manifest shares, one module a concern."""
