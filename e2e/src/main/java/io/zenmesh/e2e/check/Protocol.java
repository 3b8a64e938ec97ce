package io.zenmesh.e2e.check;

/** The HTTP version a client speaks over TLS, negotiated by ALPN. */
public enum Protocol {
  HTTP_1("http/1.1", "h1"),
  HTTP_2("h2", "h2");

  private final String alpn;
  private final String label;

  Protocol(String alpn, String label) {
    this.alpn = alpn;
    this.label = label;
  }

  /** The protocol's ALPN name. */
  public String alpn() {
    return alpn;
  }

  /** How the table calls it. */
  public String label() {
    return label;
  }
}
