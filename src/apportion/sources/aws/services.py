"""AWS services by product code: the name that AWS gives them, and their FOCUS category.

A row mostly brings the name itself; this table names those that don't. A
service has one category, whatever it charges for, so that its cost is found in
one place. What isn't here, mostly products of the Marketplace, is "Other".

Sources: product codes and names of the AWS Price List (offer index) and of the
CUR user guide; categories of FOCUS 1.2, ServiceCategory.
"""

from __future__ import annotations

from dataclasses import dataclass

AI = "AI and Machine Learning"
MANAGEMENT = "Management and Governance"


@dataclass(frozen=True)
class Service:
    """A service: its product code, its name, and what kind of service it is."""

    code: str
    name: str
    category: str


SERVICES: tuple[Service, ...] = (
    Service("AmazonBedrock", "Amazon Bedrock", AI),
    Service("AmazonBedrockFoundationModels", "Amazon Bedrock", AI),
    Service("AmazonBedrockAgentCore", "Amazon Bedrock AgentCore", AI),
    Service("AmazonSageMaker", "Amazon SageMaker", AI),
    Service("AmazonComprehend", "Amazon Comprehend", AI),
    Service("AmazonKendra", "Amazon Kendra", AI),
    Service("AmazonLex", "Amazon Lex", AI),
    Service("AmazonPersonalize", "Amazon Personalize", AI),
    Service("AmazonPolly", "Amazon Polly", AI),
    Service("AmazonQ", "Amazon Q", AI),
    Service("AmazonRekognition", "Amazon Rekognition", AI),
    Service("AmazonTextract", "Amazon Textract", AI),
    Service("comprehend", "Amazon Comprehend", AI),
    Service("transcribe", "Amazon Transcribe", AI),
    Service("translate", "Amazon Translate", AI),
    Service("AmazonAthena", "Amazon Athena", "Analytics"),
    Service("AmazonES", "Amazon OpenSearch Service", "Analytics"),
    Service("AmazonKinesis", "Amazon Kinesis", "Analytics"),
    Service("AmazonKinesisFirehose", "Amazon Kinesis Firehose", "Analytics"),
    Service("AmazonMSK", "Amazon Managed Streaming for Apache Kafka", "Analytics"),
    Service("AmazonQuickSight", "Amazon QuickSight", "Analytics"),
    Service("AWSGlue", "AWS Glue", "Analytics"),
    Service("AWSLakeFormation", "AWS Lake Formation", "Analytics"),
    Service("ElasticMapReduce", "Amazon Elastic MapReduce", "Analytics"),
    Service("AmazonConnect", "Amazon Connect", "Business Applications"),
    Service("AmazonSES", "Amazon Simple Email Service", "Business Applications"),
    Service("AmazonWorkSpaces", "Amazon WorkSpaces", "Business Applications"),
    Service("AmazonEC2", "Amazon Elastic Compute Cloud", "Compute"),
    Service("AmazonECR", "Amazon EC2 Container Registry (ECR)", "Compute"),
    Service("AmazonECS", "Amazon Elastic Container Service", "Compute"),
    Service("AmazonEKS", "Amazon Elastic Container Service for Kubernetes", "Compute"),
    Service("AmazonLightsail", "Amazon Lightsail", "Compute"),
    Service("AWSBatch", "AWS Batch", "Compute"),
    Service("AWSLambda", "AWS Lambda", "Compute"),
    Service("AWSOutposts", "AWS Outposts", "Compute"),
    Service("ComputeSavingsPlans", "Savings Plans for AWS Compute usage", "Compute"),
    Service("MachineLearningSavingsPlans", "Savings Plans for AWS Machine Learning", AI),
    Service("AmazonDAX", "Amazon DynamoDB Accelerator (DAX)", "Databases"),
    Service("AmazonDocDB", "Amazon DocumentDB (with MongoDB compatibility)", "Databases"),
    Service("AmazonDynamoDB", "Amazon DynamoDB", "Databases"),
    Service("AmazonElastiCache", "Amazon ElastiCache", "Databases"),
    Service("AmazonMemoryDB", "Amazon MemoryDB", "Databases"),
    Service("AmazonNeptune", "Amazon Neptune", "Databases"),
    Service("AmazonRDS", "Amazon Relational Database Service", "Databases"),
    Service("AmazonRedshift", "Amazon Redshift", "Databases"),
    Service("AmazonTimestream", "Amazon Timestream", "Databases"),
    Service("DatabaseSavingsPlans", "Savings Plans for AWS Databases", "Databases"),
    Service("AWSCodeArtifact", "AWS CodeArtifact", "Developer Tools"),
    Service("AWSCodePipeline", "AWS CodePipeline", "Developer Tools"),
    Service("AWSXRay", "AWS X-Ray", "Developer Tools"),
    Service("CodeBuild", "CodeBuild", "Developer Tools"),
    Service("AmazonCognito", "Amazon Cognito", "Identity"),
    Service("AWSDirectoryService", "AWS Directory Service", "Identity"),
    Service("AmazonMQ", "Amazon MQ", "Integration"),
    Service("AmazonSNS", "Amazon Simple Notification Service", "Integration"),
    Service("AmazonStates", "AWS Step Functions", "Integration"),
    Service("AWSEvents", "CloudWatch Events", "Integration"),
    Service("AWSQueueService", "Amazon Simple Queue Service", "Integration"),
    Service("AmazonAppStream", "Amazon AppStream", "Business Applications"),
    Service("AWSIoT", "AWS IoT", "Internet of Things"),
    Service("AmazonCloudWatch", "AmazonCloudWatch", MANAGEMENT),
    Service("AmazonGrafana", "Amazon Managed Grafana", MANAGEMENT),
    Service("AmazonPrometheus", "Amazon Managed Service for Prometheus", MANAGEMENT),
    Service("AWSCloudFormation", "AWS CloudFormation", MANAGEMENT),
    Service("AWSCloudTrail", "AWS CloudTrail", MANAGEMENT),
    Service("AWSConfig", "AWS Config", MANAGEMENT),
    Service("AWSCostExplorer", "AWS Cost Explorer", MANAGEMENT),
    Service("AWSServiceCatalog", "AWS Service Catalog", MANAGEMENT),
    Service("AWSSystemsManager", "AWS Systems Manager", MANAGEMENT),
    Service("AWSElementalMediaConvert", "AWS Elemental MediaConvert", "Media"),
    Service("AWSDatabaseMigrationSvc", "AWS Database Migration Service", "Migration"),
    Service("AWSTransfer", "AWS Transfer Family", "Migration"),
    Service("AmazonApiGateway", "Amazon API Gateway", "Networking"),
    Service("AmazonCloudFront", "Amazon CloudFront", "Networking"),
    Service("AmazonRoute53", "Amazon Route 53", "Networking"),
    Service("AmazonVPC", "Amazon Virtual Private Cloud", "Networking"),
    Service("AWSDataTransfer", "AWS Data Transfer", "Networking"),
    Service("AWSDirectConnect", "AWS Direct Connect", "Networking"),
    Service("AWSELB", "Elastic Load Balancing", "Networking"),
    Service("AWSGlobalAccelerator", "AWS Global Accelerator", "Networking"),
    Service("AWSNetworkFirewall", "AWS Network Firewall", "Security"),
    Service("AmazonGuardDuty", "Amazon GuardDuty", "Security"),
    Service("AmazonInspectorV2", "Amazon Inspector", "Security"),
    Service("AmazonMacie", "Amazon Macie", "Security"),
    Service("AWSSecretsManager", "AWS Secrets Manager", "Security"),
    Service("AWSSecurityHub", "AWS Security Hub", "Security"),
    Service("AWSShield", "AWS Shield", "Security"),
    Service("awskms", "AWS Key Management Service", "Security"),
    Service("awswaf", "AWS WAF", "Security"),
    Service("AmazonEFS", "Amazon Elastic File System", "Storage"),
    Service("AmazonFSx", "Amazon FSx", "Storage"),
    Service("AmazonGlacier", "Amazon Glacier", "Storage"),
    Service("AmazonS3", "Amazon Simple Storage Service", "Storage"),
    Service("AmazonS3GlacierDeepArchive", "Amazon S3 Glacier Deep Archive", "Storage"),
    Service("AWSBackup", "AWS Backup", "Storage"),
    Service("AWSAmplify", "AWS Amplify", "Web"),
    Service("AWSSupportBusiness", "AWS Support (Business)", "Other"),
    Service("AWSSupportDeveloper", "AWS Support (Developer)", "Other"),
    Service("AWSSupportEnterprise", "AWS Support (Enterprise)", "Other"),
    Service("AWSDeveloperSupport", "AWS Support (Developer)", "Other"),
    Service("OCBPremiumSupport", "AWS Support", "Other"),
)

SUPPORT = tuple(service.code for service in SERVICES if "Support" in service.code)
"""Support plans. Their fee recurs every month."""

OTHER = "Other"

AI_NAMES = ("%Amazon Bedrock Edition%", "%Amazon SageMaker%")
"""Marketplace products that are models, by their names: their product codes say nothing."""
