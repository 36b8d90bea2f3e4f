//! Tests of the program as a whole.

mod city;
mod corpus;
mod erasure;
mod forms;
mod jobs;
mod operations;
mod routes;
mod scene;
mod witness;
