"""What Azure's services are called, and which category of FOCUS each belongs to.

The resource type says it best, the resource provider (ConsumedService) next;
where neither is listed, the meter category is the name. The list holds what an
organisation uses that builds and runs AI; one name has one category.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from apportion.sources.distinct import reads_distinct

AZURE_SERVICE, AZURE_CATEGORY = "azure_service", "azure_category"
"""Names under which loading lends the readers below to the engine."""

SERVICES: Mapping[str, tuple[str, ...]] = {
    "AI and Machine Learning": (
        "Azure AI Bot Service: microsoft.botservice",
        "Azure AI Services: microsoft.cognitiveservices",
        "Azure AI Video Indexer: microsoft.videoindexer",
        "Azure Machine Learning: microsoft.machinelearningservices microsoft.machinelearning",
        "Health Bot: microsoft.healthbot",
        "Microsoft Syntex: microsoft.syntex",
    ),
    "Analytics": (
        "Azure AI Search: microsoft.search",
        "Azure Data Explorer: microsoft.kusto",
        "Azure Databricks: microsoft.databricks",
        "Azure Stream Analytics: microsoft.streamanalytics",
        "Azure Synapse Analytics: microsoft.synapse",
        "HDInsight: microsoft.hdinsight",
        "Microsoft Fabric: microsoft.fabric",
        "Power BI Embedded: microsoft.powerbidedicated",
    ),
    "Business Applications": ("Power Platform: microsoft.powerplatform",),
    "Compute": (
        "Azure Container Apps: microsoft.app",
        "Azure Container Instances: microsoft.containerinstance",
        "Azure Container Registry: microsoft.containerregistry",
        "Azure Dedicated Host: microsoft.compute/hostgroups",
        "Azure Kubernetes Service: microsoft.containerservice",
        "Azure Savings Plan for Compute: microsoft.billingbenefits",
        "Azure VMware Solution: microsoft.avs",
        "Batch: microsoft.batch",
        "Virtual Machine Scale Sets: microsoft.compute/virtualmachinescalesets",
        "Virtual Machines: microsoft.compute microsoft.classiccompute",
    ),
    "Databases": (
        "Azure Cache for Redis: microsoft.cache",
        "Azure Cosmos DB: microsoft.documentdb",
        "Azure Database for MariaDB: microsoft.dbformariadb",
        "Azure Database for MySQL: microsoft.dbformysql",
        "Azure Database for PostgreSQL: microsoft.dbforpostgresql",
        "Azure SQL Database: microsoft.sql",
    ),
    "Developer Tools": (
        "Azure DevOps: microsoft.visualstudio",
        "Azure Load Testing: microsoft.loadtestservice",
        "Microsoft Dev Box: microsoft.devcenter",
    ),
    "Identity": ("Microsoft Entra: microsoft.aad microsoft.azureactivedirectory",),
    "Integration": (
        "API Management: microsoft.apimanagement",
        "Azure Data Factory: microsoft.datafactory",
        "Event Grid: microsoft.eventgrid",
        "Event Hubs: microsoft.eventhub",
        "Logic Apps: microsoft.logic",
        "Service Bus: microsoft.servicebus",
    ),
    "Internet of Things": ("Azure IoT Hub: microsoft.devices",),
    "Management and Governance": (
        "Azure Automation: microsoft.automation",
        "Azure Monitor: microsoft.insights microsoft.operationalinsights microsoft.monitor",
        "Azure Managed Grafana: microsoft.dashboard",
        "Azure Site Recovery: microsoft.recoveryservices",
        "Microsoft Purview: microsoft.purview",
    ),
    "Media": ("Azure Media Services: microsoft.media",),
    "Multicloud": ("Azure Arc: microsoft.hybridcompute microsoft.azurearcdata",),
    "Networking": (
        "Application Gateway: microsoft.network/applicationgateways",
        "Azure Bastion: microsoft.network/bastionhosts",
        "Azure ExpressRoute: microsoft.network/expressroutecircuits",
        "Azure Firewall: microsoft.network/azurefirewalls",
        "Azure Front Door: microsoft.network/frontdoors",
        "Azure NAT Gateway: microsoft.network/natgateways",
        "Azure Private Link: microsoft.network/privateendpoints",
        "Bandwidth:",
        "Content Delivery Network: microsoft.cdn",
        "Load Balancer: microsoft.network/loadbalancers",
        "VPN Gateway: microsoft.network/vpngateways",
        "Virtual Network: microsoft.network microsoft.classicnetwork",
    ),
    "Security": (
        "Key Vault: microsoft.keyvault",
        "Microsoft Defender for Cloud: microsoft.security",
        "Microsoft Sentinel: microsoft.securityinsights",
    ),
    "Storage": (
        "Azure HPC Cache: microsoft.storagecache",
        "Azure NetApp Files: microsoft.netapp",
        (
            "Managed Disks: microsoft.compute/disks microsoft.compute/images "
            "microsoft.compute/snapshots"
        ),
        "Storage:",
        "Storage Accounts: microsoft.storage microsoft.classicstorage",
    ),
    "Web": (
        "App Configuration: microsoft.appconfiguration",
        "Azure App Service: microsoft.web",
        "Azure SignalR Service: microsoft.signalrservice",
        "Azure Spring Apps: microsoft.appplatform",
    ),
}
"""FOCUS category to its services, each with the resource types or providers that are it."""


def _names() -> dict[str, str]:
    return {
        key: name
        for services in SERVICES.values()
        for name, _, keys in (service.partition(":") for service in services)
        for key in keys.split()
    }


def _categories() -> dict[str, str]:
    return {
        service.partition(":")[0]: category
        for category, services in SERVICES.items()
        for service in services
    }


NAME_OF: Mapping[str, str] = _names()
"""Resource type or provider, in lower case, to the name of its service."""

CATEGORY_OF: Mapping[str, str] = _categories()
"""Name of a service to its category."""


def service_of(use: str) -> str | None:
    """The service of a use, written ``PROVIDER|RESOURCE-TYPE``; None where neither is listed.

    The type counts where it is one of that provider: a search for threats on a
    machine is of the security service, not of the machine's.

    >>> service_of("microsoft.compute|microsoft.compute/disks")
    'Managed Disks'
    >>> service_of("microsoft.security|microsoft.compute/disks")
    'Microsoft Defender for Cloud'
    """
    provider, _, resource_type = use.partition("|")
    first = "/".join(resource_type.split("/")[:2])
    listed = NAME_OF.get(first) if first.startswith(f"{provider}/") else None
    return listed or NAME_OF.get(provider)


read_service = reads_distinct(service_of, pa.string())
read_category = reads_distinct(lambda name: CATEGORY_OF.get(name, "Other"), pa.string())
