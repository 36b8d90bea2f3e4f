//! Tests of the program as a whole.

mod api;
mod audit;
mod backup;
mod city;
mod corpus;
mod denial;
mod erasure;
mod exports;
mod finding;
mod forms;
mod helping;
mod housekeeping;
mod invitations;
mod jobs;
mod limits;
mod merger;
mod notices;
mod operations;
mod own_data;
mod register;
mod releases;
mod routes;
mod scene;
mod simulate;
mod staff;
mod witness;
