package io.zenmesh.controlplane.store.postgres;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** Starts {@link TestPostgres} for the first test class that asks and ends it after the last. */
public final class PostgresExtension implements BeforeAllCallback {
  @Override
  public void beforeAll(ExtensionContext context) {
    var unused =
        context
            .getRoot()
            .getStore(Namespace.create(PostgresExtension.class))
            .computeIfAbsent(TestPostgres.class, key -> TestPostgres.start());
  }
}
