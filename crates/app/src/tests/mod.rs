//! Tests of the program as a whole.

mod city;
mod routes;
mod scene;
