"""An AWS account in this process's memory, by moto: the tables, queues, topics and rules of template.yaml."""

import json
from typing import TYPE_CHECKING

import boto3

from local.template import REGION, Stack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_sqs import SQSClient


class Account:
    """The parts of the stack that hold something; functions are not among them."""

    def __init__(self, stack: Stack, session: boto3.Session) -> None:
        self.stack = stack
        self.session = session
        self.dynamodb: DynamoDBClient = session.client("dynamodb", region_name=REGION)
        self.sqs: SQSClient = session.client("sqs", region_name=REGION)
        self.make_tables()
        self.make_queues()
        self.make_topics()
        self.make_bus()
        self.make_carriers()
        self.make_secrets()
        self.session.client("scheduler").create_schedule_group(Name=stack.reference("ScheduleGroup"))

    def make_tables(self) -> None:
        """DynamoDB, with its streams."""
        taken = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
        for logical, table in self.stack.of_type("AWS::DynamoDB::Table"):
            properties = {name: table[name] for name in taken if name in table}
            properties["StreamSpecification"] = {"StreamEnabled": True, **table["StreamSpecification"]}
            self.dynamodb.create_table(TableName=self.stack.physical(logical), **properties)

    def make_queues(self) -> None:
        """SQS, with dead letters."""
        queues = list(self.stack.of_type("AWS::SQS::Queue"))
        for logical, queue in queues:
            taken = {
                name: str(queue[name]) for name in ("VisibilityTimeout", "MessageRetentionPeriod") if name in queue
            }
            self.sqs.create_queue(QueueName=self.stack.physical(logical), Attributes=taken)  # type: ignore[arg-type]
        for logical, queue in queues:
            if redrive := queue.get("RedrivePolicy"):
                attributes = {"RedrivePolicy": json.dumps(redrive)}
                url = self.stack.reference(logical)
                self.sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)  # type: ignore[arg-type]

    def make_topics(self) -> None:
        """SNS topics that lead to queues; who is told of alarms isn't."""
        sns = self.session.client("sns")
        for logical, _ in self.stack.of_type("AWS::SNS::Topic"):
            sns.create_topic(Name=self.stack.physical(logical))
        for _, subscription in self.stack.of_type("AWS::SNS::Subscription"):
            if subscription["Protocol"] == "sqs":
                sns.subscribe(
                    TopicArn=subscription["TopicArn"],
                    Protocol="sqs",
                    Endpoint=subscription["Endpoint"],
                    Attributes={"RawMessageDelivery": str(subscription["RawMessageDelivery"]).lower()},
                )

    def make_bus(self) -> None:
        """EventBridge: the bus and its rules."""
        events = self.session.client("events")
        for _, bus in self.stack.of_type("AWS::Events::EventBus"):
            events.create_event_bus(Name=bus["Name"])
        for logical, rule in self.stack.of_type("AWS::Events::Rule"):
            name, bus_name = self.stack.physical(logical), rule["EventBusName"]
            events.put_rule(Name=name, EventBusName=bus_name, EventPattern=json.dumps(rule["EventPattern"]))
            targets = [{"Id": target["Id"], "Arn": target["Arn"]} for target in rule["Targets"]]
            events.put_targets(Rule=name, EventBusName=bus_name, Targets=targets)  # type: ignore[arg-type]

    def make_secrets(self) -> None:
        """Secrets Manager, with what would else be left to chance."""
        secrets = self.session.client("secretsmanager")
        for logical, _ in self.stack.of_type("AWS::SecretsManager::Secret"):
            secrets.create_secret(Name=self.stack.physical(logical), SecretString=f"the {logical} of the local world")

    def make_carriers(self) -> None:
        """SES: who speaks, and under which configuration set."""
        ses = self.session.client("sesv2")
        ses.create_email_identity(EmailIdentity=self.stack.parameters["FromAddress"])
        for _, configuration_set in self.stack.of_type("AWS::SES::ConfigurationSet"):
            ses.create_configuration_set(ConfigurationSetName=configuration_set["Name"])
