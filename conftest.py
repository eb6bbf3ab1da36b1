"""What the CDK's standard tests ask for, and the connector as its users install it."""

pytest_plugins = ["airbyte_cdk.test.standard_tests.pytest_hooks", "integration_tests.installation"]
