import { Component, type ComponentChildren } from "preact";

interface Props {
  what: string;
  children: ComponentChildren;
}

interface State {
  error: string | null;
  children: ComponentChildren; // that the error is about
}

/** Keeps an error in one part of the page from breaking the rest, and shows it there. */
export class Guarded extends Component<Props, State> {
  state: State = { error: null, children: this.props.children };

  /** New content gets a new chance. */
  static getDerivedStateFromProps({ children }: Props, state: State): Partial<State> | null {
    return children === state.children ? null : { error: null, children };
  }

  componentDidCatch(error: unknown) {
    this.setState({ error: String(error) });
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
