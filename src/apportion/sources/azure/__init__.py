"""Azure's native bills: Cost Management exports of EA, MCA and pay-as-you-go accounts."""
