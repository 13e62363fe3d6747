import type { Patient } from '@holdfast/mtls/clinic';
import { CLINIC_WORDS, findingOf, toldInWords } from '../clinic/clinic-words.ts';
import type { Examined } from '../clinic/examine.ts';
import type { ClinicBoard } from './clinic-board.ts';
import { Layout } from './layout.tsx';
import type { PageView } from './page-view.ts';
import { isBusy, words } from './page-view.ts';

export interface ClinicView extends PageView {
  readonly board: Pick<ClinicBoard, 'patients' | 'resultOf' | 'away'>;
}

/** Every patient: what it shows, what both doors say, how one comes by it, what helps. */
export function ClinicPage({ view }: { view: ClinicView }) {
  const { away, patients } = view.board;
  const wards = [
    [CLINIC_WORDS.wellTitle, ({ code }: Patient) => code === undefined],
    [CLINIC_WORDS.illTitle, ({ code, foundAt }: Patient) => code !== undefined && foundAt === 'listener'],
    [CLINIC_WORDS.speechlessTitle, ({ foundAt }: Patient) => foundAt !== 'listener'],
  ] as const;
  return (
    <Layout view={view} title={words(view, CLINIC_WORDS.clinic)}>
      <section class="opening">
        <h1>{words(view, CLINIC_WORDS.headline)}</h1>
        <p class="lede">{words(view, CLINIC_WORDS.lede)}</p>
        <div class="actions">
          <ExamineButton view={view} />
          <NowExaminingLine view={view} />
        </div>
        {away === undefined ? null : (
          <div class="notice" role="alert">
            <p>{words(view, CLINIC_WORDS.away)}</p>
            <p>{away}</p>
          </div>
        )}
      </section>
      {wards.map(([title, belongs]) => (
        <section class="family">
          <h2>{words(view, title)}</h2>
          {patients.filter(belongs).map((patient) => (
            <PatientRow view={view} patient={patient} />
          ))}
        </section>
      ))}
    </Layout>
  );
}

function PatientRow({ view, patient }: { view: ClinicView; patient: Patient }) {
  const examined = view.board.resultOf(patient);
  return (
    <article class="line" id={patient.id}>
      <div class="tale">
        <h3>
          <span class="id">{patient.id}</span> {words(view, patient.what)}
        </h3>
        <Advice view={view} patient={patient} />
      </div>
      <Answers view={view} patient={patient} examined={examined} />
      <Papers view={view} examined={examined} />
    </article>
  );
}

/** What the code of this patient means, which is known before it is examined. */
function Advice({ view, patient: { code, onPaper } }: { view: PageView; patient: Patient }) {
  const told = onPaper ?? code;
  if (told === undefined) return null;
  const { fault, hint, remedy } = findingOf(told);
  return (
    <>
      <p>
        <code>{told}</code> {words(view, fault)}
      </p>
      <details>
        <summary>{words(view, CLINIC_WORDS.remedy)}</summary>
        <p>{words(view, remedy)}</p>
        <p>
          <strong>{words(view, CLINIC_WORDS.hint)}</strong> {words(view, hint)}
        </p>
      </details>
    </>
  );
}

function Answers(props: { view: ClinicView; patient: Patient; examined: Examined | undefined }) {
  const { view, patient, examined } = props;
  if (examined === undefined) {
    const isHere = view.examining?.patient.id === patient.id;
    const word = words(view, isHere ? CLINIC_WORDS.examining : CLINIC_WORDS.notSeen);
    return (
      <div class={`plate ${isHere ? 'playing' : 'idle'}`}>
        <p class="plate-word">{word}</p>
      </div>
    );
  }
  const { authorizationServer, bank, problem } = examined;
  return (
    <div class={`plate ${problem === undefined ? 'passed' : 'failed'}`}>
      <p class="plate-word">{words(view, problem === undefined ? CLINIC_WORDS.asExpected : CLINIC_WORDS.wrong)}</p>
      <AnswerLine view={view} name={words(view, CLINIC_WORDS.authorizationServer)} told={authorizationServer} />
      <AnswerLine view={view} name={words(view, CLINIC_WORDS.bank)} told={bank} />
      {problem === undefined ? null : <p class="problem">{problem}</p>}
    </div>
  );
}

function AnswerLine({ view, name, told }: { view: PageView; name: string; told: Examined['bank'] }) {
  return (
    <p class="plate-line">
      {name}: {told.answer} <b>{toldInWords(told, view.language)}</b>
    </p>
  );
}

function Papers({ view, examined }: { view: PageView; examined: Examined | undefined }) {
  if (examined === undefined) return <div />;
  const { onPaper } = examined;
  return (
    <div class="plate idle">
      <p class="plate-name">{words(view, CLINIC_WORDS.onPaper)}</p>
      {onPaper.length === 0 ? <p class="plate-line">{words(view, CLINIC_WORDS.sound)}</p> : null}
      {onPaper.map(({ code, fatal }) => (
        <p class="plate-line">
          <b>{code}</b> {fatal ? null : words(view, CLINIC_WORDS.harmlessHere)}
        </p>
      ))}
    </div>
  );
}

function ExamineButton({ view }: { view: PageView }) {
  return (
    <form method="post" action="/examinations" class="play">
      <input type="hidden" name="language" value={view.language} />
      <button type="submit" disabled={isBusy(view)}>
        {words(view, CLINIC_WORDS.examineAll)}
      </button>
    </form>
  );
}

function NowExaminingLine({ view }: { view: PageView }) {
  const { examining } = view;
  if (examining === undefined) return null;
  const { patient, done, of } = examining;
  return (
    <p class="now" role="status">
      {`${words(view, CLINIC_WORDS.examining)} ${done + 1}/${of} · ${words(view, patient.what)}`}
    </p>
  );
}
