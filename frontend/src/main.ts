import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { Studio } from './state/studio.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
const studio = new Studio();
mount(App, { target, props: { studio } });
// For the console and for tests: the page's state, such as `componium.piece.notes`. The page itself does not use it.
Object.assign(window, { componium: studio });
