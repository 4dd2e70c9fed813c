"""The settings of the lab's connection as the core-site.xml of Hadoop's own shell. Argument: the lab's folder."""

import json
import sys
from pathlib import Path
from xml.sax.saxutils import escape

lab = Path(sys.argv[1])
connection = json.loads((lab / "dss_data/config/connections.json").read_text())["connections"]["oss_managed"]
settings = {setting["name"]: setting["value"] for setting in connection["params"]["extraConf"]}
settings["fs.oss.accessKeySecret"] = (lab / "secrets/oss-secret").read_text().strip()
settings["fs.oss.impl"] = "org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem"
rows = [f"<property><name>{name}</name><value>{escape(value)}</value></property>" for name, value in settings.items()]
print(f"<configuration>{''.join(rows)}</configuration>")
