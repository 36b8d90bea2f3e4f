//! The description of the API, made of the table of routes (OpenAPI 3.1.0).

use serde_json::{Map, Value, json};

use super::{Schemas, Scope, id_schema};
use crate::{Access, RouteInfo};

/// Refusals that any operation may answer with.
const REFUSALS: [(u16, &str); 11] = [
    (400, "It cannot be understood."),
    (401, "It needs a token, or the token is unknown, revoked or over."),
    (403, "Holder or scope of the token do not allow it."),
    (404, "There is no such thing, or nothing that you may know of."),
    (405, "This address does not support that method."),
    (409, "It contradicts what is there already."),
    (413, "The body is too long."),
    (415, "The body is no JSON."),
    (422, "Parameters or members are wrong; `errors` names each."),
    (429, "Too often; `Retry-After` says how many seconds to wait."),
    (503, "Not at the moment; `Retry-After` says when to try again."),
];

/// Makes the document.
pub(crate) fn document(table: &[RouteInfo], title: &str) -> Value {
    let mut schemas = Schemas::new();
    let mut paths: Map<String, Value> = Map::new();
    for route in table {
        if let Some(described) = operation(route, &mut schemas) {
            let methods = paths.entry(route.path.clone()).or_insert_with(|| json!({}));
            methods[route.method.as_str().to_ascii_lowercase()] = described;
        }
    }
    let responses: Map<String, Value> = REFUSALS
        .iter()
        .map(|(status, text)| {
            let schema = json!({ "$ref": "#/components/schemas/Problem" });
            let content = json!({ "application/problem+json": { "schema": schema } });
            (format!("E{status}"), json!({ "description": text, "content": content }))
        })
        .collect();
    schemas.insert("Problem".to_owned(), problem());
    let scopes: Vec<String> = Scope::ALL.iter().map(|scope| format!("`{scope}`")).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": "1",
            "description": "Identifiers are 32 hexadecimal digits. Moments are UTC (RFC 3339), days are the city's (UTC+8). \
                Minutes, seats and fen are whole numbers; credit is in thousandths. 人次 (attendances) add up, 人数 (learners) do not. \
                Long lists come in parts: give `next` as `after`. What changes something takes an `Idempotency-Key`: sent again \
                with the same key it is done once and answered as before. Every refusal is `application/problem+json` with a stable `code`; \
                all codes stand on `/about/errors`.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses,
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "description":
                    format!("A token made with `xuecheng token create`. Scopes: {}.", scopes.join(", ")) },
                "basic": { "type": "http", "scheme": "basic", "description": "The same token as user and password (`--basic`)." },
            },
        },
    })
}

fn operation(route: &RouteInfo, schemas: &mut Schemas) -> Option<Value> {
    let described = route.operation.as_ref()?;
    let mut parameters: Vec<Value> = path_names(&route.path).map(path_parameter).collect();
    for param in &described.query {
        parameters.push(json!({
            "name": param.name, "in": "query", "required": false, "description": param.description, "schema": param.schema,
        }));
    }
    if described.once {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "32 hexadecimal digits, fresh for each thing that is to be done.",
            "schema": id_schema(),
        }));
    }
    let mut responses = Map::new();
    let answer = (described.answer)(schemas);
    let content = json!({ "application/json": { "schema": answer } });
    responses.insert(
        described.status.as_str().to_owned(),
        json!({ "description": described.summary, "content": content }),
    );
    for (status, _) in REFUSALS {
        let refers = json!({ "$ref": format!("#/components/responses/E{status}") });
        responses.insert(status.to_string(), refers);
    }
    let id = format!(
        "{}{}",
        route.method.as_str().to_ascii_lowercase(),
        route.path.trim_start_matches("/api/v1").replace(['/', '{', '}', '.'], "_")
    );
    let mut out = json!({
        "operationId": id, "summary": described.summary, "tags": [described.tag], "parameters": parameters, "responses": responses,
    });
    let right = match route.access {
        Access::Public | Access::LocalOnly => None,
        Access::SignedIn | Access::Helped(_) => Some("the holder of a token".to_owned()),
        Access::Right(right) => Some(format!("a holder with the right {right:?} at the organisation")),
    };
    if let (Some(right), Some(scope)) = (right, described.scope) {
        out["description"] = format!("For {right}; scope `{scope}`.").into();
        out["security"] = json!([{ "bearer": [] }, { "basic": [] }]);
    }
    if let Some(body) = described.body {
        let schema = body(schemas);
        out["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    }
    Some(out)
}

fn path_names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn path_parameter(name: &str) -> Value {
    let (schema, description) = match name {
        "code" => (
            json!({ "type": "string", "pattern": "^[0-9]{12}$", "examples": ["500106000000"] }),
            "Official code of the division, 12 digits (GB/T 2260, GB/T 10114).".to_owned(),
        ),
        name => (id_schema(), format!("Identifier of the {name}.")),
    };
    json!({ "name": name, "in": "path", "required": true, "description": description, "schema": schema })
}

fn problem() -> Value {
    json!({
        "type": "object",
        "description": "A refusal (RFC 9457).",
        "required": ["type", "title", "status", "detail", "code", "mend", "errors", "request_id"],
        "properties": {
            "type": { "type": "string", "description": "Address of the code's line in the list of all codes." },
            "title": { "type": "string" },
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "detail": { "type": "string", "description": "What is wrong, in the reader's language." },
            "code": { "type": "string", "description": "What is wrong, for programs; never changes.", "examples": ["kernel.bad_fields"] },
            "mend": { "type": "string", "description": "What to do about it." },
            "errors": { "type": "array", "items": {
                "type": "object",
                "required": ["field", "code", "detail", "value"],
                "properties": {
                    "field": { "type": "string", "description": "Parameter or member; `.` leads into lists and objects." },
                    "code": { "type": "string" },
                    "detail": { "type": "string" },
                    "value": { "description": "What was sent, cut at 200 characters; null if nothing." },
                },
            } },
            "request_id": { "type": "string", "description": "To be told when asking the operator." },
        },
    })
}
