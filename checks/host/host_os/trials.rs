//! Hosts of other systems than DSS is made for.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::Fault;

const OS_RELEASE: &str = "/host/files/~1etc~1os-release";

pub(super) static TRIALS: &[Trial] = &[
    Trial {
        name: "the host runs Fedora",
        finding: &super::UNSUPPORTED_OS,
        faults: &[Fault::Set(
            OS_RELEASE,
            r#""NAME=\"Fedora Linux\"\nID=fedora\nVERSION_ID=42\nPRETTY_NAME=\"Fedora Linux 42 (Server Edition)\"\n""#,
        )],
    },
    Trial {
        name: "the host runs CentOS Stream, which calls itself centos",
        finding: &super::UNSUPPORTED_OS,
        faults: &[Fault::Set(
            OS_RELEASE,
            r#""NAME=\"CentOS Stream\"\nID=\"centos\"\nVERSION_ID=\"8\"\nPRETTY_NAME=\"CentOS Stream 8\"\n""#,
        )],
    },
    Trial {
        name: "the host runs an old Debian",
        finding: &super::UNSUPPORTED_VERSION,
        faults: &[Fault::Set(
            OS_RELEASE,
            r#""PRETTY_NAME=\"Debian GNU/Linux 8 (jessie)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"8\"\nID=debian\n""#,
        )],
    },
    Trial {
        name: "the host runs a minor version of Rocky Linux 8 before the supported ones",
        finding: &super::UNSUPPORTED_VERSION,
        faults: &[Fault::Set(OS_RELEASE, r#""NAME=\"Rocky Linux\"\nID=\"rocky\"\nVERSION_ID=\"8.3\"\n""#)],
    },
    Trial {
        name: "the host runs Alibaba Cloud Linux",
        finding: &super::NEEDS_MANUAL_DEPENDENCIES,
        faults: &[Fault::Set(
            OS_RELEASE,
            r#""NAME=\"Alibaba Cloud Linux\"\nID=\"alinux\"\nID_LIKE=\"rhel fedora centos anolis\"\nVERSION_ID=\"3\"\nPRETTY_NAME=\"Alibaba Cloud Linux 3 (Soaring Falcon)\"\n""#,
        )],
    },
    Trial {
        name: "the host runs Anolis OS",
        finding: &super::NEEDS_MANUAL_DEPENDENCIES,
        faults: &[Fault::Set(
            OS_RELEASE,
            r#""NAME=\"Anolis OS\"\nID=\"anolis\"\nID_LIKE=\"rhel fedora centos\"\nVERSION_ID=\"8.8\"\nPRETTY_NAME=\"Anolis OS 8.8\"\n""#,
        )],
    },
];
