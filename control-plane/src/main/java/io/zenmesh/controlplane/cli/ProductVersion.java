package io.zenmesh.controlplane.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** The version this jar was built as. */
final class ProductVersion {
  private static final String FILE = "/META-INF/maven/io.zenmesh/control-plane/pom.properties";

  private ProductVersion() {}

  static String text() {
    Properties properties = new Properties();
    try (InputStream in = ProductVersion.class.getResourceAsStream(FILE)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      return "unknown";
    }
    return properties.getProperty("version", "development");
  }
}
