//! Tests of the program as a whole.

mod api;
mod city;
mod corpus;
mod erasure;
mod forms;
mod jobs;
mod limits;
mod operations;
mod routes;
mod scene;
mod witness;
