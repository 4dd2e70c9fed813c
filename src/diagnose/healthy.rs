//! Healthy logs, made up by the megabyte: lines as Spark, Hadoop, DSS, kubelets, containerd, Docker and others write them while
//! all is well, with every word that sounds like trouble and is none.

use std::io::{Result, Write};

use fastrand::Rng;

/// A kind of log: what a line begins with, and lines. `#` is a number, `@` a word of letters and digits.
struct Log {
    prefix: &'static str,
    lines: &'static [&'static str],
}

const LOGS: &[Log] = &[
    Log {
        prefix: "26/01/02 #T ",
        lines: &[
            "INFO SparkContext: Running Spark version 3.4.1",
            "INFO SparkContext: Submitted application: build_orders_NP",
            "INFO SecurityManager: SecurityManager: authentication disabled; ui acls disabled; users with view permissions: dataiku; groups with view permissions: EMPTY",
            "INFO Utils: Successfully started service 'sparkDriver' on port #.",
            "INFO SparkKubernetesClientFactory: Auto-configuring K8S client using context ack from users K8S config file",
            "INFO ExecutorPodsAllocator: Going to request # executors from Kubernetes for ResourceProfile Id: 0, target: #, known: 0, sharedSlotFromPendingPods: 2147483647.",
            "INFO KubernetesClusterSchedulerBackend$KubernetesDriverEndpoint: Registered executor NettyRpcEndpointRef(spark-client://Executor) (10.0.#.#:#) with ID #,  ResourceProfileId 0",
            "INFO TransportClientFactory: Successfully created connection to dss01.corp.example/10.0.0.10:# after # ms (0 ms spent in bootstraps)",
            "INFO TaskSetManager: Starting task #.0 in stage #.0 (TID #) (10.0.#.#, executor #, partition #, PROCESS_LOCAL, 7625 bytes)",
            "INFO TaskSetManager: Finished task #.0 in stage #.0 (TID #) in # ms on 10.0.#.# (executor #) (#/200)",
            "INFO BlockManagerInfo: Added broadcast_#_piece0 in memory on 10.0.#.#:# (size: 34.1 KiB, free: 2.2 GiB)",
            "INFO MemoryStore: Block broadcast_# stored as values in memory (estimated size 404.6 KiB, free 365.9 MiB)",
            "INFO BlockManager: Removing RDD #",
            "INFO FileSystem: oss = class org.apache.hadoop.fs.aliyun.oss.AliyunOSSFileSystem from /opt/spark/jars/hadoop-aliyun-3.3.6.jar",
            "INFO AliyunOSSFileSystem: Opening 'oss://acme-dss/dss/managed/SALES/orders/part-r-#.snappy.parquet' for reading",
            "INFO FileScanRDD: Reading File path: oss://acme-dss/dss/managed/SALES/orders/part-#.csv.gz, range: 0-#, partition values: [empty row]",
            "INFO FileOutputCommitter: Saved output of task 'attempt_2026010203040_0007_m_#_#' to oss://acme-dss/dss/managed/SALES/out",
            "WARN NativeCodeLoader: Unable to load native-hadoop library for your platform... using builtin-java classes where applicable",
            "WARN SparkConf: The configuration key 'spark.akka.timeout' has been deprecated as of Spark 2.0 and may be removed in the future. It will be ignored.",
            "WARN Utils: Service 'SparkUI' could not bind on port 4040. Attempting port 4041.",
            "WARN TaskSetManager: Stage # contains a task of very large size (# KiB). The maximum recommended task size is 1000 KiB.",
            "WARN HeartbeatReceiver: Removing executor # with no recent heartbeats: # ms exceeds timeout 120000 ms",
            "WARN RetryingBlockFetcher: retry succeeded after # ms, error=0",
            "INFO RetryInvocationHandler: attempt # timed out, retry succeeded on attempt #",
            "WARN Executor: Managed memory leak detected; size = # bytes, task #.0 in stage #.0",
            "WARN ProcfsMetricsGetter: Exception when trying to compute pagesize, as a result reporting of ProcessTree metrics is stopped",
            "INFO ShutdownHookManager: Shutdown hook called",
            "INFO DAGScheduler: Job # finished: save at SparkExecutor.java:#, took #.# s",
            "INFO CodeGenerator: Code generated in #.# ms",
            "INFO HiveUtils: ClassNotFoundException is expected for the Hive metastore client; using the builtin one",
            "INFO ClassLoader: org.jdom2.input.SAXBuilder from jar:file:/opt/spark/jars/jdom2-2.0.6.jar",
            "INFO ExecutorMonitor: Executor # is removed. Remove reason statistics: (gracefully decommissioned: #, decommision unfinished: 0, driver killed: #, unexpectedly exited: 0).",
            "DEBUG RpcTimeout: no Exception was thrown in awaitResult",
            "WARN WatchConnectionManager: Exec Failure: io.fabric8.kubernetes.client.KubernetesClientException: too old resource version: # (#)",
            "WARN ExecutorPodsWatchSnapshotSource: Kubernetes client has been closed.",
            "INFO BlockManagerMasterEndpoint: Connection refused by nobody; # executors answer",
            "INFO OSS: [Server]Unable to execute HTTP request: Not Found",
            "INFO JavaMethods: NoSuchMethodException handled: falling back to the default constructor of com.example.Udf#",
        ],
    },
    Log {
        prefix: "[2026/01/02-#T.#] [FRT-#-FlowRunnable] [INFO] [dku.#L]  - ",
        lines: &[
            "Computing dataset SALES.orders_prepared, partition NP, error=0, errors: none",
            "Run job ACT-# of compute_orders_NP, state: RUNNING",
            "Processed # rows, # errors, 0 warnings",
            "Act.compute_orders_NP - Done: 0 failed, # succeeded, 0 aborted",
            "Building image for container execution: acme-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss/dku-exec-base-@:dss-14.2.1",
            "Kubernetes job dataiku-exec-python-@ succeeded, exitCode=0",
            "Backend host dss.corp.example resolved to 10.0.0.10",
            "Listing oss://acme-dss/dss/managed/SALES/orders: # files, # bytes",
            "Connection oss_managed: fs.oss.endpoint = oss-cn-hangzhou-internal.aliyuncs.com, fs.oss.accessKeyId = LTAI5tExampleKeyId0001",
            "Checking if the user is allowed to read the dataset: allowed, not denied",
            "WARN: parameter partitioning.failOnUnreadable will be ignored",
            "Failover is disabled; timeout=300s, retry=3, errorPolicy=WARN",
            "Message: {\"severity\": \"SUCCESS\", \"code\": \"WARN_MISC_NONE\", \"anyMessage\": false, \"error\": false, \"warning\": false}",
            "Sanity check: 0 errors, 0 warnings (codes excluded: WARN_MISC_LARGE_INTERNAL_DB)",
            "Starting JEK: java -ea -Xmx2g -Djava.library.path= -XX:OnOutOfMemoryError=kill -cp /data/dataiku/bin",
            "26/01/02 #T INFO TaskSetManager: Finished task #.0 in stage #.0 (TID #) in # ms on 10.0.#.# (executor #) (#/200)",
            "Successfully pulled image, pushed, and tagged dss-14.2.1",
            "[ct: #] API call '/dip/api/projects/list' by user 'admin', status=200, took # ms",
            "Exception handling of python recipe is enabled: Traceback lines are kept in the activity log",
            "Cluster ack: kubectl version is v1.33.4, skew 0, certificate is valid for # days",
        ],
    },
    Log {
        prefix: "2026-01-02 #T,# ",
        lines: &[
            "INFO  [main] conf.Configuration (Configuration.java:logDeprecation(1441)) - fs.default.name is deprecated. Instead, use fs.defaultFS",
            "WARN  [main] conf.Configuration: core-site.xml:an attempt to override final parameter: fs.oss.impl;  Ignoring.",
            "INFO  [main] impl.MetricsSystemImpl: oss-file-system metrics system started",
            "DEBUG [IPC] retry.RetryPolicies: shouldRetry: false, failover: no, exceptions: 0",
            "INFO  [pool-#] oss.AliyunOSSFileSystemStore: initiated multipart upload of # parts, abort=false",
            "WARN  [pool-#] oss.AliyunOSSBlockOutputStream: deleting temporary file /tmp/hadoop/oss/output-#.tmp returned false; ignored",
            "INFO  [main] service.AbstractService: Service stopped in state STOPPED; cause: none",
            "DEBUG [main] http.wire: << \"<Code>OK</Code>\" <RequestId>@</RequestId>",
            "INFO  [http-#] nginx: \"GET /dip/api/ping HTTP/1.1\" 200 2 \"-\" \"curl/7.61.1\" denied=0 refused=0 unauthorized=0",
            "INFO  [MainThread] requests: Retrying (Retry(total=2, connect=None, read=None)) after connection broken; succeeded",
            "INFO  [MainThread] container.runner: Fetching job definition",
            "INFO  [MainThread] urllib3.connectionpool: Starting new HTTP connection (1): dss.corp.example:11201",
            "DEBUG [MainThread] urllib3.connectionpool: http://dss.corp.example:11201 \"POST /kernel/tintercom/ HTTP/1.1\" 200 None",
        ],
    },
    Log {
        prefix: "I0102 #T.#    #] ",
        lines: &[
            "kubelet.go:2460] \"SyncLoop (PLEG): event for pod\" pod=\"dataiku/dataiku-exec-python-@\" event={\"Type\":\"ContainerStarted\"}",
            "reconciler_common.go:293] \"Volume detached for volume \\\"kube-api-access-@\\\" (UniqueName: \\\"kubernetes.io/projected/@\\\") on node \\\"cn-hangzhou.10.0.0.21\\\"\"",
            "pod_startup_latency_tracker.go:104] \"Observed pod startup duration\" pod=\"dataiku/spark-exec-@\" podStartE2EDuration=\"#.#s\" firstStartedPulling=\"0001-01-01 00:00:00 +0000 UTC\"",
            "scope.go:117] \"RemoveContainer\" containerID=\"@\"",
            "kubelet_getters.go:187] \"Pod status updated\" pod=\"kube-system/terway-eniip-@\" status=\"Running\"",
            "garbagecollector.go:787] failed to discover some groups: map[]; errors ignored",
        ],
    },
    Log {
        prefix: "",
        lines: &[
            "  Normal   Scheduled  #s    default-scheduler  Successfully assigned dataiku/dataiku-exec-python-@ to cn-hangzhou.10.0.0.21",
            "  Normal   Pulling    #s    kubelet            Pulling image \"acme-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss/dku-exec-base:dss-14.2.1\"",
            "  Normal   Pulled     #s    kubelet            Successfully pulled image \"acme-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss/dku-exec-base:dss-14.2.1\" in #.#s (#.#s including waiting). Image size: # bytes.",
            "  Normal   Started    #s    kubelet            Started container c",
            "Tolerations:     node.kubernetes.io/not-ready:NoExecute op=Exists for 300s",
            "                 node.kubernetes.io/unreachable:NoExecute op=Exists for 300s",
            "  MemoryPressure       False   Fri, 02 Jan 2026 #T +0800   KubeletHasSufficientMemory   kubelet has sufficient memory available",
            "  DiskPressure         False   Fri, 02 Jan 2026 #T +0800   KubeletHasNoDiskPressure     kubelet has no disk pressure",
            "    Last State:     Terminated   Reason: Completed   Exit Code: 0",
            "    Restart Count:  0",
            "#\tat org.apache.spark.sql.execution.ShuffleExchangeExec.doExecute(ShuffleExchangeExec.scala:#)",
            "The push refers to repository [acme-registry-vpc.cn-hangzhou.cr.aliyuncs.com/dss/dku-exec-base-@]",
            "dss-14.2.1: digest: sha256:@ size: #",
            "@: Layer already exists",
            "Step #/40 : RUN yum -y install --setopt=skip_missing_names_on_install=False python3 && yum clean all",
            "#9 [5/12] RUN pip install --no-cache-dir -r requirements.txt  # warning: ignored, error=0",
            "Login Succeeded",
            "[GC pause (G1 Evacuation Pause) (young), 0.#s] unreachable objects: #, references: weak",
            "time=\"2026-01-02T#T.#+08:00\" level=info msg=\"PullImage \\\"registry.example/dss/exec:#\\\" returns image reference \\\"sha256:@\\\"\"",
            "time=\"2026-01-02T#T.#+08:00\" level=info msg=\"StopPodSandbox for \\\"@\\\" returns successfully\"",
            "2026-01-02T#T.#Z stdout F 26/01/02 #T INFO Executor: Running task #.0 in stage #.0 (TID #)",
            "{\"log\":\"26/01/02 #T INFO Executor: Finished task #.0 in stage #.0 (TID #). # bytes result sent to driver\\n\",\"stream\":\"stderr\",\"time\":\"2026-01-02T#T.#Z\"}",
            "[INFO] 10.0.#.#:# - # \"A IN dss.corp.example. udp 54 false 512\" NOERROR qr,aa,rd,ra 106 0.000#s",
            "[INFO] 10.0.#.#:# - # \"AAAA IN dss.corp.example.cluster.local. udp 54 false 512\" NXDOMAIN qr,aa,rd 147 0.000#s",
            "10.0.#.# - - [02/Jan/2026:#T +0800] \"GET /public/api/projects/ HTTP/1.1\" 404 52 \"-\" \"python-requests/2.31\"",
            "[ErrorCode]: NoSuchKey",
            "[RequestId]: 62A1B2C3D4E5F607#",
            "[HostId]: acme-dss.oss-cn-hangzhou-internal.aliyuncs.com",
            "  <Code>NoSuchKey</Code>",
            "  <Message>The specified key does not exist.</Message>",
            "  Warning  Unhealthy  #s    kubelet            Readiness probe failed: Get \"http://10.0.#.#:4040/\": dial tcp 10.0.#.#:4040: connect: connection refused",
            "  Normal   NodeReady  #s    kubelet            Node cn-hangzhou.10.0.0.21 status is now: NodeReady",
            "java.io.FileNotFoundException: oss://acme-dss/dss/managed/_temporary: No such file or directory! (expected, and caught)",
            "backend                          RUNNING   pid #, uptime 22:17:33",
            "tests: error handling of AccessDeniedException ... ok; testUnknownHostExceptionIsRetried ... ok",
            "No errors, no failures; 0 denied, 0 refused, 0 timed out, 0 unknown hosts",
            "",
        ],
    },
];

/// Writes about so many bytes of it, the same for the same seed.
pub(crate) fn write(bytes: usize, seed: u64, out: &mut impl Write) -> Result<()> {
    let mut rng = Rng::with_seed(seed);
    let (mut written, mut line) = (0, String::new());
    while written < bytes {
        let log = &LOGS[rng.usize(..LOGS.len())];
        // A log stays what it is for a while.
        for _ in 0..rng.usize(1..40) {
            line.clear();
            fill(log.prefix, &mut rng, &mut line);
            fill(log.lines[rng.usize(..log.lines.len())], &mut rng, &mut line);
            line.push_str(if rng.u8(..) == 0 { "\r\n" } else { "\n" });
            out.write_all(line.as_bytes())?;
            written += line.len();
        }
    }
    Ok(())
}

fn fill(template: &str, rng: &mut Rng, line: &mut String) {
    use std::fmt::Write as _;
    let mut letters = template.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, letters.peek()) {
            ('#', Some('T')) => {
                letters.next();
                let _ = write!(line, "{:02}:{:02}:{:02}", rng.u8(..24), rng.u8(..60), rng.u8(..60));
            }
            ('#', Some('L')) => {
                letters.next();
                line.push_str(["flow", "utils", "job", "recipes.spark", "hadoop"][rng.usize(..5)]);
            }
            ('#', _) => {
                let _ = write!(line, "{}", rng.u16(..));
            }
            ('@', _) => line.extend(std::iter::repeat_with(|| rng.alphanumeric().to_ascii_lowercase()).take(20)),
            (letter, _) => line.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::time::Instant;

    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::reading::Reading;
    use crate::stream;
    use crate::{Clock, patterns};

    /// A few megabytes, or as many as `ACKCHECK_HEALTHY_MIB` says: `ci/figures` has a hundred read.
    #[test]
    fn nothing_is_recognised_in_healthy_logs() {
        let size = std::env::var("ACKCHECK_HEALTHY_MIB").map_or(2, |size| size.parse().expect("a number of MiB"));
        let mut log = Vec::new();
        write(size << 20, 7, &mut log).unwrap();
        let reading = Reading {
            clock: Clock { now: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC },
            since: None,
            stop: Default::default(),
        };
        let mut wrong = Vec::new();
        let began = Instant::now();
        let (amount, ended) = stream::read(log.as_slice(), &reading, &mut |found| {
            let id = &patterns::Patterns::known().all[found.matched.pattern].pattern.id;
            wrong.push(format!("{id}: {}", found.text));
        });
        let rate = amount.bytes as f64 / 1e6 / began.elapsed().as_secs_f64();
        ended.unwrap();
        // What tests print by macros is held back.
        let _ = writeln!(std::io::stderr(), "{} MB of healthy logs, {rate:.0} MB/s", amount.bytes / 1_000_000);
        wrong.truncate(20);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(amount.timed && amount.lines > 10_000);
    }
}
