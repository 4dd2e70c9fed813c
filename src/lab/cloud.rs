//! ECS metadata and the OpenAPI.
