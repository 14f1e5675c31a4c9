import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { clientKey, clientOf } from './client';
import './styles/tokens.css';
import './styles/base.css';

createApp(App).provide(clientKey, clientOf(window.workbench)).use(createPinia()).mount('#app');
