import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { runName } from "./common/format";
import { Guarded } from "./common/Guarded";
import { Empty, Loading, Message, ServerGone } from "./common/Message";
import { Compare } from "./compare/Compare";
import { Sweep } from "./compare/Sweep";
import { Overview } from "./fleet/Overview";
import { Sidebar } from "./list/Sidebar";
import { Report } from "./report/Report";
import type { Diagnosis, RunList } from "./server/answers";
import type { Asked } from "./server/api";
import { isEmbedded } from "./server/embedded";
import { type Listed, type Reported, shownOn } from "./state/screen";
import { useScreen } from "./state/useScreen";
import "./App.css";

export function App() {
  const { screen, select, showNames, ask } = useScreen();
  const shown = shownOn(screen);
  const isGone = screen.kind === "gone";
  if (shown.kind === "loading") return <Start refused={shown.refused} isGone={isGone} />;
  if (shown.selected === null) return <Empty message={shown.runs.list.message} isGone={isGone} />;
  return (
    <ListAndReport shown={shown} selected={shown.selected} isGone={isGone} select={select} showNames={showNames} ask={ask} />
  );
}

/** Before the list is there. */
function Start({ refused, isGone }: { refused: string | null; isGone: boolean }) {
  return (
    <main class="bare">
      <h1 class="unseen">Diagnosis</h1>
      {isGone ? <ServerGone readAt={null} /> : refused ? <Message>{refused}</Message> : <Loading what="Reading the runs" />}
    </main>
  );
}

interface Props {
  shown: Listed | Reported;
  selected: string;
  isGone: boolean;
  select: (run: string, walking?: boolean) => void;
  showNames: (names: string[]) => void;
  ask: (asked: Asked) => void;
}

function ListAndReport({ shown, selected, isGone, select, showNames, ask }: Props) {
  const [all, setAll] = useState(false); // whether the user asks what separates the runs, so that all are read
  const [asked, setAsked] = useState<Asked>({}); // of an index
  const [overview, setOverview] = useState(false); // whether it is shown in place of a report
  const { list, readAt, changed, missing, refused, filling, unfilled } = shown.runs;
  const report = shown.kind === "report" ? shown.report : null;
  const name = runName(selected, list.logdir);
  const open = (run: string, walking?: boolean) => {
    setOverview(false);
    select(run, walking);
  };
  return (
    <div class="screen">
      <Sidebar
        list={list}
        selected={selected}
        changed={changed}
        unfilled={unfilled}
        all={all}
        asked={asked}
        select={open}
        showNames={showNames}
        ask={(next) => {
          setAsked(next);
          ask(next);
        }}
      >
        {list.index && (
          <button type="button" class="plain" aria-pressed={overview} onClick={() => setOverview(!overview)}>
            Overview of these runs
          </button>
        )}
      </Sidebar>
      {/* The key starts a run at its top with its folds closed; a reload of the same one keeps both. */}
      {overview ? (
        <main class="report" key="overview" aria-label="Overview">
          {isGone && <ServerGone readAt={readAt} />}
          {refused && <Message>{refused}</Message>}
          <Guarded what="This overview">
            <Overview where={asked.where ?? ""} readAt={readAt} select={open} />
          </Guarded>
        </main>
      ) : (
        <main class="report" key={selected} aria-label={`Diagnosis of ${name}`}>
          {report?.kind !== "read" && <h1 class="unseen">{name}</h1>}
          {isGone && <ServerGone readAt={readAt} />}
          {refused && <Message>{refused}</Message>}
          {missing !== null && (
            <Message>
              There is no run “{missing}” here. This is “{name}”.
            </Message>
          )}
          {report === null && !isGone && <Loading what={`Reading ${name}`} />}
          {report?.kind === "refused" && <Message>{report.sentence}</Message>}
          {shown.kind === "report" && report?.kind === "read" && (
            <Guarded what="This report">
              <ReportAmongOthers diagnosis={report.value} name={name} news={shown.news} list={list}>
                <Sweep list={list} filling={filling} unfilled={unfilled} opened={all} open={setAll} select={select} />
              </ReportAmongOthers>
            </Guarded>
          )}
        </main>
      )}
    </div>
  );
}

interface AmongProps {
  diagnosis: Diagnosis;
  name: string;
  news: string[];
  list: RunList;
  children: ComponentChildren;
}

/** A report, and below it what other runs say of it. The run that is drawn in its chart is also the one it is compared with. */
function ReportAmongOthers({ diagnosis, name, news, list, children }: AmongProps) {
  const [other, setOther] = useState<string | null>(null);
  return (
    <>
      <Report diagnosis={diagnosis} name={name} news={news} list={list} other={other} compareWith={setOther} />
      {list.runs.length > 1 && !isEmbedded() && (
        <div class="rows rest">
          <Compare list={list} selected={diagnosis.run} other={other} compareWith={setOther} />
          {children}
        </div>
      )}
    </>
  );
}
