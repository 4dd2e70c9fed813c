import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.net.URI;
import java.util.Arrays;
import java.util.Properties;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * Writes, reads and deletes in one folder of a bucket through Hadoop's FileSystem, and prints how far it came.
 *
 * Arguments: a properties file with the settings (`set.NAME`) and the system properties (`system.NAME`), and the URI of the
 * folder, whose parent is the run's. Standard output is lines of a word and the rest, the rest without line breaks:
 *
 *   ackcheck 1          the first line
 *   began STEP          init, mkdir, write, list, read, rename, delete
 *   thrown CLASS TEXT   what ended the last step, then its causes
 *   beneath CLASS TEXT  what OSS itself answers, where Hadoop says of an object that it is not there
 *   at FRAME            where the last one was thrown, the first frames
 *   wrong TEXT          the last step ended, and not as it must
 *   end                 the last line
 *
 * No type of Hadoop is in this class, so that it starts where Hadoop's classes are missing.
 */
public final class AckcheckHadoop {
    private static final int MOST_CAUSES = 8;
    private static final int MOST_FRAMES = 24;
    private static final int LONGEST = 4000;
    private static PrintStream out;

    private AckcheckHadoop() {}

    public static void main(String[] arguments) throws Exception {
        out = new PrintStream(System.out, false, "UTF-8");
        System.setOut(System.err);
        say("ackcheck", "1");
        try {
            Properties file = new Properties();
            try (InputStream in = new FileInputStream(arguments[0])) {
                file.load(in);
            }
            // The key is in it: it need not outlive whoever started this.
            new File(arguments[0]).delete();
            for (String name : file.stringPropertyNames()) {
                if (name.startsWith("system.")) {
                    System.setProperty(name.substring("system.".length()), file.getProperty(name));
                }
            }
            new AckcheckHadoopWork(file, URI.create(arguments[1])).run();
        } catch (Throwable thrown) {
            tell("thrown", thrown);
        }
        say("end", "");
        out.flush();
        // Threads that Hadoop leaves behind would hold it up.
        Runtime.getRuntime().halt(0);
    }

    static void say(String word, String rest) {
        String line = rest.length() > LONGEST ? rest.substring(0, LONGEST) : rest;
        out.print(word + " " + line.replace('\n', ' ').replace('\r', ' ') + "\n");
        out.flush();
    }

    static void tell(String word, Throwable thrown) {
        Throwable at = thrown;
        for (int depth = 0; at != null && depth < MOST_CAUSES; depth++, at = at.getCause()) {
            say(word, at.getClass().getName() + " " + at.getMessage());
            StackTraceElement[] frames = at.getStackTrace();
            for (int frame = 0; frame < Math.min(frames.length, MOST_FRAMES); frame++) {
                say("at", frames[frame].toString());
            }
        }
    }
}

/** What is done, with the types of Hadoop. */
final class AckcheckHadoopWork {
    private static final int LENGTH = 1000;
    private final Properties file;
    private final Path folder;
    private final Path written;
    private final Path renamed;

    AckcheckHadoopWork(Properties file, URI folder) {
        this.file = file;
        this.folder = new Path(folder);
        written = new Path(this.folder, "written");
        renamed = new Path(this.folder, "renamed");
    }

    void run() throws Exception {
        AckcheckHadoop.say("began", "init");
        Configuration configuration = new Configuration();
        for (String name : file.stringPropertyNames()) {
            if (name.startsWith("set.")) {
                configuration.set(name.substring("set.".length()), file.getProperty(name));
            }
        }
        FileSystem system = FileSystem.newInstance(folder.toUri(), configuration);
        Path sought = null;
        try {
            AckcheckHadoop.say("began", "mkdir");
            above(system);
            check(system.mkdirs(folder), "mkdirs answers false");
            AckcheckHadoop.say("began", "write");
            try (FSDataOutputStream to = system.create(written, true)) {
                to.write(content());
            }
            AckcheckHadoop.say("began", "list");
            sought = written;
            list(system.listStatus(folder));
            AckcheckHadoop.say("began", "read");
            read(system, written);
            AckcheckHadoop.say("began", "rename");
            check(system.rename(written, renamed), "rename answers false");
            sought = renamed;
            read(system, renamed);
            check(!system.exists(written), "the old name is still there");
            sought = null;
            AckcheckHadoop.say("began", "delete");
            check(system.delete(folder, true), "delete answers false");
            check(!system.exists(folder), "the folder is still there");
        } catch (FileNotFoundException missing) {
            AckcheckHadoop.tell("thrown", missing);
            if (sought != null) {
                ask(system, sought);
            }
        }
    }

    /**
     * Before Hadoop makes a folder it looks for those above it, up to one that is there. Where all that is there is
     * ackcheck's own, Hadoop would find it and go no further, and DSS's first dataset would not.
     */
    private void above(FileSystem system) throws Exception {
        for (Path at = folder.getParent(); !at.getParent().isRoot(); at = at.getParent()) {
            if (holdsAnother(system, at.getParent(), at.getName())) {
                return;
            }
        }
    }

    private static boolean holdsAnother(FileSystem system, Path at, String own) throws Exception {
        try {
            RemoteIterator<LocatedFileStatus> children = system.listLocatedStatus(at);
            while (children.hasNext()) {
                String name = children.next().getPath().getName();
                if (!name.equals(own) && !name.startsWith(".ackcheck-")) {
                    return true;
                }
            }
        } catch (FileNotFoundException missing) {
            // One more to look above.
        }
        return false;
    }

    private static byte[] content() {
        byte[] content = new byte[LENGTH];
        for (int at = 0; at < LENGTH; at++) {
            content[at] = (byte) (at * 7);
        }
        return content;
    }

    private void list(FileStatus[] found) {
        for (FileStatus status : found) {
            if (status.getPath().getName().equals(written.getName())) {
                check(status.getLen() == LENGTH, "a file of " + LENGTH + " bytes is listed with " + status.getLen());
                return;
            }
        }
        check(false, "the file that was written is not listed, and " + found.length + " others are");
    }

    private static void read(FileSystem system, Path path) throws Exception {
        byte[] read = new byte[LENGTH + 1];
        int length = 0;
        try (FSDataInputStream in = system.open(path)) {
            int more;
            while (length < read.length && (more = in.read(read, length, read.length - length)) > 0) {
                length += more;
            }
        }
        check(length == LENGTH, LENGTH + " bytes were written and " + (length > LENGTH ? "more" : "" + length) + " are read back");
        check(Arrays.equals(Arrays.copyOf(read, LENGTH), content()), "other bytes are read back than were written");
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            AckcheckHadoop.say("wrong", otherwise);
        }
    }

    /** Hadoop takes every refusal of a HEAD for "not there". The client beneath it tells what OSS says. */
    private static void ask(FileSystem system, Path path) {
        try {
            Object client = field(field(system, "store"), "ossClient");
            String key = path.toUri().getPath().substring(1);
            client.getClass().getMethod("getObject", String.class, String.class).invoke(client, system.getUri().getHost(), key);
        } catch (InvocationTargetException refused) {
            AckcheckHadoop.tell("beneath", refused.getCause());
        } catch (Throwable other) {
            // Another connector, or another client: then nothing more is known.
            AckcheckHadoop.say("at", "(" + other + ")");
        }
    }

    private static Object field(Object of, String name) throws Exception {
        Field field = of.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(of);
    }
}
