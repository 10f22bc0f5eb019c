"""What the sample company buys, and at which list price (invented, near to life)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal

DISCOUNT = Decimal("0.94")
"""The negotiated price is this part of the list price."""

PLAN_RATE = Decimal("0.70")
"""The rate under the Savings Plan is this part of the list price."""


@dataclass(frozen=True)
class Sku:
    """One thing that is sold, in FOCUS terms. `price` is the list price of one `unit`."""

    id: str
    service: str
    category: str
    subcategory: str
    resource_type: str
    meter: str
    unit: str
    price: Decimal
    details: str = ""

    @property
    def contracted(self) -> Decimal:
        return self.price * DISCOUNT

    @property
    def planned(self) -> Decimal:
        return self.price * PLAN_RATE

    @property
    def most_a_day(self) -> int | None:
        """The most units that one resource can use in a day, where time limits them."""
        return 24 if self.unit == "Hours" else None


EC2 = "Amazon Elastic Compute Cloud"
S3 = "Amazon Simple Storage Service"
SAGEMAKER = "Amazon SageMaker"
BEDROCK = "Amazon Bedrock"
VPC = "Amazon Virtual Private Cloud"
SUPPORT = "AWS Support (Enterprise)"


def _instance(kind: str, price: str, cores: int, gpus: int = 0) -> Sku:
    """A virtual machine by the hour."""
    details: dict[str, object] = {"InstanceType": kind, "CoreCount": cores}
    details |= {"InstanceSeries": kind.partition(".")[0], "OperatingSystem": "Linux"}
    if gpus:
        details["GpuCount"] = gpus
    return Sku(
        f"EC2-{kind}", EC2, "Compute", "Virtual Machines", "EC2 Instance",
        f"BoxUsage:{kind}", "Hours", Decimal(price), json.dumps(details),
    )  # fmt: skip


P5 = _instance("p5.48xlarge", "55.04", 192, 8)
P4DE = _instance("p4de.24xlarge", "27.45", 96, 8)
G6E = _instance("g6e.4xlarge", "3.00", 16, 1)
G6_LARGE = _instance("g6.12xlarge", "4.60", 48, 4)
G6_SMALL = _instance("g6.xlarge", "0.805", 4, 1)
C7I = _instance("c7i.8xlarge", "1.428", 32)
C7I_LARGE = _instance("c7i.16xlarge", "2.856", 64)
M7I = _instance("m7i.4xlarge", "0.8064", 16)
R7I = _instance("r7i.8xlarge", "2.1168", 32)

BLOCK = Sku("EBS-gp3", "Amazon Elastic Block Store", "Storage", "Block Storage", "EBS Volume",
            "EBS:VolumeUsage.gp3", "GB-Months", Decimal("0.08"))  # fmt: skip
OBJECTS = Sku("S3-standard", S3, "Storage", "Object Storage", "S3 Bucket",
              "TimedStorage-ByteHrs", "GB-Months", Decimal("0.0222"))  # fmt: skip
OBJECT_CALLS = Sku("S3-tier1", S3, "Storage", "Object Storage", "S3 Bucket",
                   "Requests-Tier1", "1000 Requests", Decimal("0.005"))  # fmt: skip
ENDPOINT = Sku("SM-g5", SAGEMAKER, "AI and Machine Learning", "Machine Learning",
               "SageMaker Endpoint", "Host:ml.g5.2xlarge", "Hours", Decimal("1.515"))  # fmt: skip
LABELS = Sku("SM-gt", SAGEMAKER, "AI and Machine Learning", "Machine Learning",
             "SageMaker Labeling Job", "GroundTruth-Objects", "Objects",
             Decimal("0.08"))  # fmt: skip
TOKENS_IN = Sku("BR-in", BEDROCK, "AI and Machine Learning", "Generative AI",
                "Bedrock Inference Profile", "USE1-NovaPro-input-tokens", "1000 Tokens",
                Decimal("0.0008"))  # fmt: skip
TOKENS_OUT = Sku("BR-out", BEDROCK, "AI and Machine Learning", "Generative AI",
                 "Bedrock Inference Profile", "USE1-NovaPro-output-tokens", "1000 Tokens",
                 Decimal("0.0032"))  # fmt: skip
MATERIALISE = Sku("GLUE-dpu", "AWS Glue", "Analytics", "Data Processing", "Glue Job",
                  "ETL-DPU-Hour", "DPU-Hours", Decimal("0.44"))  # fmt: skip
ITEM_WRITES = Sku("DDB-w", "Amazon DynamoDB", "Databases", "NoSQL Databases", "DynamoDB Table",
                  "WriteRequestUnits", "1000000 Requests", Decimal("0.625"))  # fmt: skip
ITEM_READS = Sku("DDB-r", "Amazon DynamoDB", "Databases", "NoSQL Databases", "DynamoDB Table",
                 "ReadRequestUnits", "1000000 Requests", Decimal("0.125"))  # fmt: skip
STREAM = Sku("KIN-shard", "Amazon Kinesis", "Analytics", "Streaming Analytics", "Kinesis Stream",
             "Storage-ShardHour", "Shard-Hours", Decimal("0.015"))  # fmt: skip
CACHE = Sku("EC-r7g", "Amazon ElastiCache", "Databases", "Caching", "ElastiCache Node",
            "NodeUsage:cache.r7g.4xlarge", "Hours", Decimal("1.75"))  # fmt: skip
CONTROL_PLANE = Sku("EKS-cp", "Amazon Elastic Kubernetes Service", "Compute", "Containers",
                    "EKS Cluster", "AmazonEKS-Hours:extendedSupport", "Hours",
                    Decimal("0.60"))  # fmt: skip
LOGS = Sku("CW-logs", "Amazon CloudWatch", "Management and Governance", "Observability",
           "Log Group", "DataProcessing-Bytes", "GB", Decimal("0.50"))  # fmt: skip
METRICS = Sku("AMP-samples", "Amazon Managed Service for Prometheus",
              "Management and Governance", "Observability", "Prometheus Workspace",
              "MetricSampleCount", "1000000 Samples", Decimal("0.09"))  # fmt: skip
BUILDS = Sku("CB-large", "AWS CodeBuild", "Developer Tools",
             "Continuous Integration and Deployment", "Build Project",
             "Build-Min:Linux:g1.large", "Minutes", Decimal("0.02"))  # fmt: skip
SEARCH_NODES = Sku("OS-r7g", "Amazon OpenSearch Service", "Analytics", "Search",
                   "OpenSearch Domain", "ESInstance:r7g.4xlarge", "Node-Hours",
                   Decimal("1.42"))  # fmt: skip
GATEWAY = Sku("NAT-bytes", VPC, "Networking", "Network Infrastructure", "NAT Gateway",
              "NatGateway-Bytes", "GB", Decimal("0.045"))  # fmt: skip
