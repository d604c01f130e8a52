import { Component, type ComponentChildren } from "preact";

/** What goes wrong in one part of the page stays there, and says so. */
export class Guarded extends Component<{ what: string; children: ComponentChildren }, { error: string | null }> {
  state = { error: null };

  componentDidCatch(error: unknown) {
    this.setState({ error: String(error) });
  }

  /** What comes anew may be drawn well. */
  componentDidUpdate(before: { children: ComponentChildren }) {
    if (this.state.error !== null && before.children !== this.props.children) this.setState({ error: null });
  }

  render() {
    if (this.state.error === null) return this.props.children;
    return (
      <p class="quiet">
        {this.props.what} could not be shown: {this.state.error}
      </p>
    );
  }
}
