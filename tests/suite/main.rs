//! What is true of the program, its seats and its reports, in one program: linking costs more than most of these tests.
//! The trials and the law of rights are programs of their own, since they make up their tests while they run.

mod bad_input;
mod bounds;
mod circles;
mod cli;
mod cloud;
mod compare;
mod diagnose;
mod discover;
mod dss_api;
mod group_rules;
mod hadoop_itself;
mod hadoop_settings;
mod host_backend;
mod host_kubectl;
mod host_sources;
mod layers;
mod oss_wire;
mod pace;
mod pods;
mod readme;
mod registry;
mod reports;
mod rights_printed;
mod secrets;
mod settings_agree;
mod stopped;
mod store;
mod tls_words;
mod wire;

#[path = "../support"]
mod support {
    pub(crate) mod canary;
    pub(crate) mod lab;
    pub(crate) mod program;
    pub(crate) mod seats;
    pub(crate) mod skip;
    pub(crate) mod whole_run;
}
