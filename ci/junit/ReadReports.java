import java.io.File;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

import org.apache.maven.plugin.surefire.log.api.NullConsoleLogger;
import org.apache.maven.plugins.surefire.report.ReportTestCase;
import org.apache.maven.plugins.surefire.report.ReportTestSuite;
import org.apache.maven.plugins.surefire.report.SurefireReportParser;

/** Prints what Maven's own parser sees in the reports of a directory: a line a suite and a line a case, texts in base64. */
public final class ReadReports {
    public static void main(String[] arguments) {
        List<File> directories = List.of(new File(arguments[0]));
        for (ReportTestSuite suite : new SurefireReportParser(directories, new NullConsoleLogger()).parseXMLReportFiles()) {
            print("suite", suite.getFullClassName(), suite.getNumberOfTests(), suite.getNumberOfFailures(),
                    suite.getNumberOfErrors(), suite.getNumberOfSkipped());
            for (ReportTestCase test : suite.getTestCases()) {
                String outcome = test.hasSkipped() ? "skipped"
                        : test.hasError() ? "error" : test.hasFailure() ? "failure" : "passed";
                print("case", test.getFullClassName(), test.getName(), outcome, test.getFailureType(),
                        test.getFailureMessage(), test.getFailureDetail());
            }
        }
    }

    private static void print(Object... fields) {
        StringBuilder line = new StringBuilder();
        for (Object field : fields) {
            byte[] text = String.valueOf(field).getBytes(StandardCharsets.UTF_8);
            line.append(line.length() == 0 ? "" : " ").append(Base64.getEncoder().encodeToString(text));
        }
        System.out.println(line);
    }
}
