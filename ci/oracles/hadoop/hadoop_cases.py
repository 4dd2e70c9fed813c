"""Settings as people write them, and as they could: the known ones, and more from a fixed seed. Lines of JSON."""

import json
import random
import sys

ENDPOINT = "fs.oss.endpoint"
KEYS = [
    "fs.oss.impl",
    ENDPOINT,
    "fs.oss.accessKeyId",
    "fs.oss.accessKeySecret",
    "fs.oss.securityToken",
    "fs.oss.credentials.provider",
    "fs.oss.connection.secure.enabled",
    "fs.oss.proxy.host",
    "fs.oss.proxy.port",
    "fs.oss.proxy.username",
    "fs.oss.proxy.password",
    "fs.oss.acl.default",
    "fs.oss.multipart.upload.size",
    "fs.oss.connection.maximum",
    "fs.oss.threads.keepalivetime",
    "fs.oss.upload.active.blocks",
]
SDK = "com.aliyun.oss.common.auth."
NUMBERS = [
    "10",
    " 10",
    "10\t",
    "0x10",
    "-0x1",
    "+5",
    "0",
    "-1",
    "",
    " ",
    "10M",
    "1e3",
    "1.5",
    "99999999999",
    "ten",
    "0x",
    "1 0",
]
VALUES: dict[str, list[str]] = {
    "fs.oss.impl": [
        "org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem",
        " org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem\n",
        "org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem\u00a0",
        "org.example.NoSuchFileSystem",
        "com.aliyun.jindodata.oss.JindoOssFileSystem",
    ],
    ENDPOINT: [
        "oss-cn-hangzhou-internal.aliyuncs.com",
        " oss-cn-hangzhou.aliyuncs.com ",
        "oss-cn-hangzhou.aliyuncs.com\n",
        "oss-cn-hangzhou.aliyuncs.com\u00a0",
        "\ufeffoss-cn-hangzhou.aliyuncs.com",
        "https://oss-cn-hangzhou.aliyuncs.com",
        "http://oss-cn-hangzhou.aliyuncs.com/",
        "HTTPS://OSS-CN-HANGZHOU.ALIYUNCS.COM",
        "https://oss.console.aliyun.com/bucket/oss-cn-hangzhou/acme-dss",
        "oss-cn-hangzhou.aliyuncs.com:443",
        "oss-cn-hangzhou.aliyuncs.com:https",
        "oss-cn-hangzhou.aliyuncs.com/a%2Fb",
        "oss-cn-hangzhou.aliyuncs.com/a%b",
        "oss cn hangzhou.aliyuncs.com",
        "OSS_ENDPOINT_DOMAIN_NAME",
        "<your-endpoint>",
        "cn-hangzhou",
        "10.0.0.5",
        "10.0.0.5:8080",
        "300.0.0.5",
        "[::1]",
        "localhost",
        "a..b",
        "-a.example",
        "a-.example",
        "a.example.",
        "a.1b",
        "a_b.example",
        "https://",
        "https:///x",
        "://x",
        "oss://acme-dss",
        "",
        " ",
        "oss-cn-hangzhou.aliyuncs.com?x=1",
        "https:oss-cn-hangzhou.aliyuncs.com",
    ],
    "fs.oss.accessKeyId": [
        "LTAI5tFieldCaseKey00001",
        " LTAI5tFieldCaseKey00001 ",
        "LTAI\u00a0",
        "STS.NUgYrLnoC37mZZCNnAbez",
        "",
        " \n",
    ],
    "fs.oss.accessKeySecret": ["secret0000000000000000000001", "secret\n", "", "   ", "e:AES:x"],
    "fs.oss.securityToken": ["", " ", "token"],
    "fs.oss.credentials.provider": [
        "",
        "  ",
        SDK + "DefaultCredentialProvider",
        SDK + "InstanceProfileCredentialsProvider",
        SDK + "EnvironmentVariableCredentialsProvider",
        f" {SDK}EnvironmentVariableCredentialsProvider\t",
        f"{SDK}EnvironmentVariableCredentialsProvider\u00a0",
        SDK + "SystemPropertiesCredentialsProvider",
        SDK + "EcsRamRoleCredentialsProvider",
        SDK + "CustomSessionCredentialsProvider",
        SDK + "STSAssumeRoleSessionCredentialsProvider",
        SDK + "STSKeyPairSessionCredentialsProvider",
        SDK + "CredentialsProvider",
        "org.apache.hadoop.fs.aliyun.oss.AliyunCredentialsProvider",
        "org.example.NoSuchProvider",
    ],
    "fs.oss.connection.secure.enabled": ["true", "false", " FALSE ", "no", "", "1"],
    "fs.oss.proxy.host": ["a proxy", "http://proxy.example", "proxy.example", " proxy.example ", "", "  ", "127.0.0.1"],
    "fs.oss.proxy.port": ["3128", " 3128 ", "0", "-1", "", "http", "0x50"],
    "fs.oss.proxy.username": ["me", "", " me "],
    "fs.oss.proxy.password": ["word", ""],
    "fs.oss.acl.default": [
        "Private",
        "private",
        "PublicRead",
        "public-read",
        "PublicReadWrite",
        "Default",
        "",
        " ",
        "Private ",
        "PRIVATE",
    ],
    "fs.oss.multipart.upload.size": NUMBERS,
    "fs.oss.connection.maximum": NUMBERS,
    "fs.oss.threads.keepalivetime": NUMBERS,
    "fs.oss.upload.active.blocks": NUMBERS,
    "fs.oss.attempts.maximum": ["0", " 1 ", "x"],
    "fs.oss.connection.timeout": NUMBERS[:8],
    "fs.oss.paging.maximum": NUMBERS,
    "fs.oss.max.copy.tasks": ["10", "x", "-1"],
    "fs.oss.max.total.tasks": ["10", "x"],
    "hadoop.security.credential.provider.path": ["", "jceks://file/no/such/store.jceks"],
    "hadoop.security.credential.clear-text-fallback": ["true", "false", " False", "no"],
    "fs.default.name": ["oss://acme-dss"],
    "fs.defaultFS": ["oss://other"],
    "my.part": ["cn-hangzhou", "${my.part}", "${my.other}"],
    "my.other": ["${my.part}", "shanghai", "${fs.oss.endpoint}"],
}
VARIABLES = [
    "oss-${my.part}.aliyuncs.com",
    "${my.other}",
    "${my.part",
    "${}",
    "${a b}",
    "$${my.part}",
    "${fs.defaultFS}",
    "${fs.default.name}",
    "${no.such.setting}",
    "${fs.oss.accessKeyId}",
    "{my.part}",
    "${my.part}${my.other}",
    "x${fs.oss.endpoint}",
]
GOOD = {
    "fs.oss.impl": "org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem",
    ENDPOINT: "oss-cn-hangzhou-internal.aliyuncs.com",
    "fs.oss.accessKeyId": "LTAI5tFieldCaseKey00001",
    "fs.oss.accessKeySecret": "secret0000000000000000000001",
}
Settings = list[list[str]]


def name_of(chance: random.Random, key: str) -> str:
    """A name as people type or paste it."""
    around = chance.random()
    if around < 0.06:
        return f" {key}"
    if around < 0.12:
        return f"{key}\t"
    if around < 0.14:
        return f"{key}\u00a0"
    return key


def case(chance: random.Random) -> dict[str, object]:
    """Good settings, a few of them spoilt, and some more, at either place and perhaps twice."""
    instance: Settings = [["fs.oss.impl", GOOD["fs.oss.impl"]]]
    connection: Settings = [[key, value] for key, value in GOOD.items() if key != "fs.oss.impl"]
    if chance.random() < 0.04:
        instance = []
    if chance.random() < 0.15:
        connection.pop(chance.randrange(len(connection)))
    for _ in range(chance.randrange(4)):
        key = chance.choice(list(VALUES))
        value = chance.choice(VARIABLES) if chance.random() < 0.15 else chance.choice(VALUES[key])
        place = instance if chance.random() < 0.3 else connection
        place.insert(chance.randrange(len(place) + 1), [name_of(chance, key), value])
    return {"keys": KEYS, "instance": instance, "connection": connection}


def main() -> None:
    """Each value once in otherwise good settings, then as many of chance as are wanted."""
    chance = random.Random(8)
    cases: list[dict[str, object]] = []
    for key, values in VALUES.items():
        for value in values + (VARIABLES if key in KEYS[:2] else []):
            good: Settings = [[name, text] for name, text in GOOD.items() if name != key]
            if key in ("fs.oss.proxy.username", "fs.oss.proxy.password", "fs.oss.proxy.port"):
                good.append(["fs.oss.proxy.host", "proxy.example"])
            cases.append({"keys": KEYS, "instance": [], "connection": [*good, [key, value]]})
    cases += [case(chance) for _ in range(int(sys.argv[1]))]
    for one in cases:
        print(json.dumps(one))


if __name__ == "__main__":
    main()
