// What Hadoop does with settings: reads cases as lines of JSON, prints a line for each. See hadoop_compare.py.

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

public class Oracle {
    public static void main(String[] arguments) throws Exception {
        Gson gson = new GsonBuilder().serializeNulls().create();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        for (String line; (line = in.readLine()) != null; ) {
            JsonObject question = gson.fromJson(line, JsonObject.class);
            Configuration configuration = new Configuration();
            for (String place : new String[] {"instance", "connection"}) {
                for (JsonElement setting : question.getAsJsonArray(place)) {
                    String name = setting.getAsJsonArray().get(0).getAsString();
                    configuration.set(name, setting.getAsJsonArray().get(1).getAsString());
                }
            }
            JsonObject values = new JsonObject();
            for (JsonElement key : question.getAsJsonArray("keys")) {
                JsonObject value = new JsonObject();
                try {
                    value.addProperty("get", configuration.get(key.getAsString()));
                    value.addProperty("trimmed", configuration.getTrimmed(key.getAsString()));
                } catch (IllegalStateException error) {
                    value.addProperty("fails", "too-deep");
                }
                values.add(key.getAsString(), value);
            }
            JsonObject answer = new JsonObject();
            answer.add("values", values);
            answer.addProperty("failure", failure(configuration));
            out.println(gson.toJson(answer));
        }
    }

    /** The first thing that goes wrong, up to the first request, in the words of the model. */
    private static String failure(Configuration configuration) {
        // A request would be repeated for minutes.
        if (configuration.getRaw("fs.oss.attempts.maximum") == null) {
            configuration.set("fs.oss.attempts.maximum", "0");
        }
        try (FileSystem system = FileSystem.newInstance(URI.create("oss://acme-dss/"), configuration)) {
            return "none";
        } catch (Throwable error) {
            return classify(error);
        }
    }

    private static String classify(Throwable error) {
        String whole = error.toString();
        for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) {
            whole += " / " + cause;
        }
        String[][] signs = {
            {"Variable substitution depth too large", "too-deep"},
            {"java.lang.NumberFormatException", "not-a-number"},
            {"is below the minimum value", "too-small"},
            {"fs.oss.proxy.port set without", "proxy-without-host"},
            {"set without the other", "proxy-lacks"},
            {"endpoint should not be null or empty", "endpoint-missing"},
            {"AccessKeyId and AccessKeySecret should not be null", "key-missing"},
            {"must provide an accessible constructor", "provider-constructor"},
            {"No enum constant com.aliyun.oss.model.CannedAccessControlList", "acl"},
            {"No FileSystem for scheme", "no-file-system"},
            {"java.lang.ClassNotFoundException", "class-missing"},
            {"java.net.URISyntaxException", "endpoint-malformed"},
            {"endpoint", "endpoint-malformed"},
            {"may not be negative or zero", "too-small"},
            {"ParameterIsInvalid", "too-small"},
            {"com.aliyun.oss.ClientException: The parameter", "too-small"},
            {"Host name may not contain blanks", "proxy-host"},
            {"nonzero keep alive times", "too-small"},
            {"Can not create a Path from an empty string", "credential-store-empty"},
            // The first request: a provider is asked for the key, and nothing resolves here.
            {"Access key id should not be null or empty", "none"},
            {"java.net.UnknownHostException", "none"},
            {"java.net.ConnectException", "none"},
        };
        for (String[] sign : signs) {
            if (whole.contains(sign[0])) {
                return sign[1];
            }
        }
        return "other: " + whole;
    }
}
