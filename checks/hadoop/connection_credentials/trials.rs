//! Keys that are missing, not encrypted, or not set by the users.

use ackcheck_core::check::Trial;
use ackcheck_core::fault::{Fault, LabFile};

const CONNECTIONS: LabFile = LabFile::Data("config/connections.json");
const USERS: LabFile = LabFile::Data("config/users.json");
const KEY_ID: &str = "/connections/oss_managed/params/extraConf/1";
const KEY_ID_VALUE: &str = "/connections/oss_managed/params/extraConf/1/value";
const SECRET: &str = "/connections/oss_managed/params/extraConf/2";
const SECRET_VALUE: &str = "/connections/oss_managed/params/extraConf/2/value";

pub(super) static TRIALS: &[Trial] = &[
    Trial { name: "there is no secret", finding: &super::MISSING, faults: &[Fault::RemoveIn(CONNECTIONS, SECRET)] },
    Trial { name: "there is no key id", finding: &super::MISSING, faults: &[Fault::RemoveIn(CONNECTIONS, KEY_ID)] },
    Trial {
        name: "the secret is not encrypted",
        finding: &super::PLAIN_TEXT,
        faults: &[Fault::SetIn(
            CONNECTIONS,
            SECRET,
            "{\"name\": \"fs.oss.accessKeySecret\", \"value\": \"CANARYossSecretA1b2C3d4E5f6G7\", \"secret\": false}",
        )],
    },
    Trial {
        name: "the secret is set as the id",
        finding: &super::PLAIN_TEXT,
        faults: &[Fault::SetIn(CONNECTIONS, KEY_ID_VALUE, "\"CANARYswappedPairSecretA1b2C3d\"")],
    },
    Trial {
        name: "the id was pasted with its quotation marks",
        finding: &super::NO_KEY_ID,
        faults: &[Fault::SetIn(CONNECTIONS, KEY_ID_VALUE, "\"\\\"LTAI5tLabOssKeyId000001\\\"\"")],
    },
    Trial {
        name: "the key of another cloud is not encrypted",
        finding: &super::PLAIN_TEXT,
        faults: &[Fault::AddIn(
            CONNECTIONS,
            "/connections/oss_managed/params/extraConf",
            "{\"name\": \"fs.azure.account.key.lab.dfs.core.windows.net\", \"value\": \"CANARYazureKey+/A1b2==\", \"secret\": false}",
        )],
    },
    Trial {
        name: "the secret is a user secret, which settings cannot refer to",
        finding: &super::UNRESOLVED_VARIABLE,
        faults: &[Fault::SetIn(CONNECTIONS, SECRET_VALUE, "\"${userSecret:oss}\"")],
    },
    Trial {
        name: "the secret is a global variable that is not defined",
        finding: &super::UNRESOLVED_VARIABLE,
        faults: &[Fault::SetIn(CONNECTIONS, SECRET_VALUE, "\"${oss_secret}\"")],
    },
    Trial {
        name: "the secret is a user property that no user has",
        finding: &super::UNRESOLVED_VARIABLE,
        faults: &[Fault::SetIn(CONNECTIONS, SECRET_VALUE, "\"${userProperty:ossSecret}\"")],
    },
    Trial {
        name: "the secret is a user property that only one user has",
        finding: &super::PER_USER_UNSET,
        faults: &[
            Fault::SetIn(CONNECTIONS, SECRET_VALUE, "\"${userProperty:ossSecret}\""),
            Fault::SetIn(USERS, "/users/0/userProperties/ossSecret", "\"e:AES:Q0FOQVJZ\""),
        ],
    },
    Trial {
        name: "the connection requires each user's credentials",
        finding: &super::PER_USER_UNSET,
        faults: &[Fault::SetIn(CONNECTIONS, "/connections/oss_managed/credentialsMode", "\"PER_USER\"")],
    },
    Trial {
        name: "the secret is blank",
        finding: &super::MISSING,
        faults: &[Fault::SetIn(CONNECTIONS, SECRET_VALUE, "\"  \\n\"")],
    },
    Trial {
        name: "the id and the secret are swapped",
        finding: &super::ID_AND_SECRET_SWAPPED,
        faults: &[
            Fault::SetIn(CONNECTIONS, KEY_ID_VALUE, "\"CANARYswappedPairSecretB1c2D3e\""),
            Fault::SetIn(CONNECTIONS, SECRET_VALUE, "\"LTAI5tLabSwappedKey01\""),
        ],
    },
    Trial {
        name: "a non-breaking space follows the id",
        finding: &super::NO_KEY_ID,
        faults: &[Fault::SetIn(CONNECTIONS, KEY_ID_VALUE, "\"LTAI5tLabDssKey00001\\u00a0\"")],
    },
    Trial {
        name: "the id is the placeholder of the documentation",
        finding: &super::NO_KEY_ID,
        faults: &[Fault::SetIn(CONNECTIONS, KEY_ID_VALUE, "\"YOUR_ACCESS_KEY_ID\"")],
    },
    Trial {
        name: "the key is temporary and has no token",
        finding: &super::TOKEN_MISSING,
        faults: &[Fault::SetIn(CONNECTIONS, KEY_ID_VALUE, "\"STS.LabTemporaryKeyWithoutToken1\"")],
    },
];
