"""Checks that schemathesis does not bring."""

import json
import re

import jsonschema_rs
import schemathesis
from schemathesis.specs.openapi.checks import positive_data_acceptance

# Why a request that fits the description may still be refused: rules about what is there, which no schema can say.
RULES = {
    "bad_cursor",  # `after` is opaque and belongs to one query.
    "bad_position",  # Of a partition that this deployment does not have.
    "category_in_use",
    "duplicate",  # Two variants of the same options, two options of one name but for its case.
    "email_taken",
    "gateway_refused",  # What a gateway does not make of it.
    "idempotency_mismatch",
    "invalid_gateway",
    "last_administrator",
    "limit_reached",  # Credentials and accounts of a shop.
    "name_reserved",
    "name_taken",
    "no_account",
    "payment_state",
    "slug_taken",
    "staff_disabled",
    "stale",
    "stock_below_zero",
    "too_many_requests",  # Carts that one address makes, codes of no coupon that it tries.
    "unknown_reference",
    "unsupported_media",  # Bytes that are no image, whatever their Content-Type says.
    "version_mismatch",
}
# How a text is refused that holds what nobody sees, or a line break where it has one line (schemas/src/text.rs). The description
# has no pattern for that yet.
UNSEEN = ("O texto tem um caractere de controle", "Este texto fica em uma só linha")
# What the registry says of a schema that is none, and of a version that is neither a number nor `latest`.
REGISTRY_RULES = [
    (r"POST /registry/.*", 42201),
    (r"(GET|POST) /registry/.*/versions/\{version\}.*", 42202),
]
# The same where one field depends on another: the operation, the pointer, the code.
RULES_OF_FIELDS = [
    (r"GET .*/search", r"/query/min_price", "out_of_range"),  # Above max_price.
    (r".*/products.*", r"/variants/\d+/options", "invalid"),  # Not one of the product's options.
    # A sum that is not that of its lines, terms of another method, what check digits or the calendar do not allow.
    (r"POST .*/charges(/.*)?", r"/(amount|card|boleto|pix|buyer|shipping|bank_account)(/.*)?", "(invalid|required|out_of_range)"),
    (r"POST .*/(cards|subscriptions)", r"/(token|card|buyer)(/.*)?", "(invalid|required|out_of_range)"),  # Likewise.
    (r"(POST|PUT) .*/payments/accounts.*", r"/(public_key|encryption_key|secret_key|api_key|callback_secret)", "(invalid|required)"),
    (r"(POST|PATCH) .*/operator/v1/(tenants/\{id\}/)?staff.*", r"/(email|name)", "(invalid|required|too_long)"),  # Addresses that no mail has.
    (r"POST .*/tenants/\{id\}/close", r"/subdomain", "invalid"),  # Not that of the shop.
    (r"PUT .*/payment-methods/\{method\}", r"/(method|installments|max_installments|discounted_installments)", "(invalid|out_of_range)"),  # Terms of another method, or of each other.
    # What is no code, what a kind needs, and times that are no whole minutes or stand the wrong way round.
    (r"PUT .*/coupons/\{code\}", r"/(code|percent|amount(/amount)?|starts_at|ends_at)", "(invalid|required|out_of_range)"),
    (r"PUT .*/admin/v1/domain", r"/domain", "(invalid|too_long)"),  # What no name server knows by such a name, or the platform's own.
    (r"(POST|PUT) .*/shipping(/\{id\})?", r"/(price|min_days|max_days|rates)(/.*)?", "(required|invalid|out_of_range)"),  # Of another kind, or of each other.
    (r"GET .*/shipping-quote", r"/query/cep", "invalid"),  # One that no state has.
    (r"POST .*/carts(/\{cart\}/items)?", r"/variant_id", "required"),  # Of a product that has several.
    (r"POST .*/carts/\{cart\}/items", r"/quantity", "out_of_range"),  # With what is in the cart already.
    (r"POST .*/carts/\{cart\}/shipping-quote", r"/cep", "invalid"),  # One that no state has.
    (r"POST .*/import", r"", "invalid"),  # A CSV without the columns of a product.
    (r"PUT .*/images/\{iid\}", r"", "invalid"),  # A file for an image that has its own.
    (r"GET .*/records", r"/query/partition", "out_of_range"),  # One that the topic does not have.
    (r"GET .*/records", r"/query/from", "invalid"),  # In another partition than the one asked for.
    (r"GET .*/changes", r"/query/(from|until)", "malformed"),  # A day that the calendar does not have.
]


@schemathesis.check
def accepted_unless_a_rule_forbids(ctx, response, case):
    """What the description allows is accepted, or refused by one of the rules above and by nothing else."""
    if case.headers.get("If-Match") == "0":
        return  # schemathesis 4.32 makes no header of quoted text in its coverage phase: 0 stands in cases that it calls right.
    if response.status_code < 500 and refused_by_rules(response, case.operation.label):
        return
    positive_data_acceptance(ctx, response, case)


def refused_by_rules(response, operation):
    if "/registry/" in operation and response.status_code == 422:
        said = response.json()["error_code"]
        return any(re.fullmatch(where, operation) and code == said for where, code in REGISTRY_RULES)
    if response.headers.get("content-type", [""])[0] != "application/problem+json":
        return False
    problem = response.json()
    errors = problem["errors"] or [{"pointer": "", "code": problem["code"]}]
    return all(error["code"] in RULES or unseen(error) or of_fields(operation, error) for error in errors)


def unseen(error):
    return error["code"] == "invalid" and error.get("detail", "").startswith(UNSEEN)


def of_fields(operation, error):
    return any(
        re.fullmatch(where, operation) and re.fullmatch(pointer, error["pointer"]) and re.fullmatch(code, error["code"])
        for where, pointer, code in RULES_OF_FIELDS
    )


@schemathesis.check
def lines_conform(ctx, response, case):
    """Each line of an application/x-ndjson answer is as described; schemathesis itself reads no such answers."""
    if response.headers.get("content-type", [""])[0] != "application/x-ndjson":
        return
    document = case.operation.schema.raw_schema
    described = document["paths"][case.operation.path][case.operation.method]["responses"][str(response.status_code)]
    schema = {**described["content"]["application/x-ndjson"]["schema"], "components": document["components"]}
    validator = jsonschema_rs.validator_for(schema)
    for line in response.text.splitlines():
        errors = [error.message for error in validator.iter_errors(json.loads(line))]
        assert not errors, f"a line is not as described: {errors} in {line[:500]}"
