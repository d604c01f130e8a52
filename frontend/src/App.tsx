import { useState } from "preact/hooks";
import { Compare } from "./compare/Compare";
import { isEmbedded } from "./server/embedded";
import { trainingName } from "./common/format";
import { Guarded } from "./common/Guarded";
import { Empty, Gone, Loading, Message } from "./common/Message";
import { Report } from "./report/Report";
import { Sweep } from "./compare/Sweep";
import { TrainingList } from "./list/TrainingList";
import { useReports } from "./state/useReports";

export function App() {
  const { trainings, refused, wanted, selected, answer, changed, news, filling, goneSince, read, select, show } = useReports();
  const [all, setAll] = useState(false); // whether somebody asks what all trainings have in common

  if (!trainings) {
    return (
      <main class="bare">
        <h1 class="unseen">Diagnosis</h1>
        {goneSince ? <Gone read={null} /> : refused ? <Message>{refused}</Message> : <Loading what="Reading the trainings" />}
      </main>
    );
  }
  if (selected === null) return <Empty message={trainings.message} gone={goneSince !== null} />;

  const nameOf = (training: string) => trainingName(training, trainings.logdir);
  const lost = wanted !== null && wanted !== selected;
  return (
    <div class="screen">
      <TrainingList trainings={trainings} selected={selected} changed={changed} select={select} show={show} all={all} />
      {/* The key starts a training at its top with its folds closed; a reload of the same one keeps both. */}
      <main class="report" key={selected} aria-label={`Diagnosis of ${nameOf(selected)}`}>
        {(answer === null || "refused" in answer) && <h1 class="unseen">{nameOf(selected)}</h1>}
        {goneSince && <Gone read={read} />}
        {refused && <Message>{refused}</Message>}
        {lost && (
          <Message>
            There is no training “{wanted}” here. This is “{nameOf(selected)}”.
          </Message>
        )}
        {answer === null && !goneSince && <Loading what={`Reading ${nameOf(selected)}`} />}
        {answer && "refused" in answer && <Message>{answer.refused}</Message>}
        {answer && !("refused" in answer) && (
          <Guarded what="This report">
            <Report diagnosis={answer} name={nameOf(selected)} news={news} />
            {trainings.trainings.length > 1 && !isEmbedded() && (
              <div class="rows rest">
                <Compare trainings={trainings} selected={selected} />
                <Sweep rows={trainings.trainings} filling={filling} opened={all} open={setAll} />
              </div>
            )}
          </Guarded>
        )}
      </main>
    </div>
  );
}
