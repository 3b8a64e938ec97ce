package io.zenmesh.extproc;

import io.zenmesh.extproc.policy.ActivePolicies;
import io.zenmesh.extproc.receipts.Delivery;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.standalone.ConfigWatch;
import io.zenmesh.extproc.standalone.ReloadObserver;
import io.zenmesh.xds.client.PolicyClient;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;

/** Where policies come from, once made ready. Closing ends it; what was taken up stays in force. */
sealed interface Feed extends AutoCloseable {
  void start() throws IOException;

  boolean loaded();

  /** What an operator should know of it; empty when being loaded says all. */
  Optional<Supplier<String>> state();

  /** The way for receipts to whoever feeds; a file has none. */
  Delivery delivery();

  @Override
  void close();

  /** The feed of a source, not yet started. */
  static Feed of(Settings.Source source, ActivePolicies policies, ReloadObserver observer)
      throws IOException {
    return switch (source) {
      case Settings.Source.ControlPlane plane ->
          new XdsFeed(
              new PolicyClient(
                  new PolicyClient.Config(
                      plane.xds(), plane.spiffeId(), plane.identity(), plane.node()),
                  policies));
      case Settings.Source.File(ConfigWatch.Start file) ->
          new FileFeed(ConfigWatch.of(file, Catalogue.bundled(), policies, observer));
    };
  }

  /** A control plane. */
  record XdsFeed(PolicyClient client) implements Feed {
    @Override
    public void start() {
      client.start();
    }

    @Override
    public boolean loaded() {
      return client.synced();
    }

    @Override
    public Optional<Supplier<String>> state() {
      return Optional.empty();
    }

    @Override
    public Delivery delivery() {
      return client::deliver;
    }

    @Override
    public void close() {
      client.close();
    }
  }

  /** A file. */
  record FileFeed(ConfigWatch watch) implements Feed {
    @Override
    public void start() {
      watch.start();
    }

    @Override
    public boolean loaded() {
      return true;
    }

    @Override
    public Optional<Supplier<String>> state() {
      return Optional.of(watch::state);
    }

    @Override
    public Delivery delivery() {
      return receipts -> {
        throw new IOException("stand-alone (expected: a control plane)");
      };
    }

    @Override
    public void close() {
      watch.close();
    }
  }
}
